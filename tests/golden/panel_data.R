# Data sets that the other scripts share. grunfeld.csv is statsmodels' copy of Grunfeld (1958): 11 firms, 1935-1954.
balanced <- read.csv("grunfeld.csv")
balanced <- balanced[order(balanced$firm, balanced$year), ]
balanced$firm_code <- as.integer(factor(balanced$firm, levels = sort(unique(balanced$firm))))
balanced$sector <- c("x", "y", "z", "x")[(balanced$firm_code - 1) %% 4 + 1]
balanced$weight <- 1 + (balanced$firm_code * 7 + balanced$year * 3) %% 5
balanced$lagged_value <- ave(balanced$value, balanced$firm, FUN = function(v) c(NA, head(v, -1)))
balanced$lagged_capital <- ave(balanced$capital, balanced$firm, FUN = function(v) c(NA, head(v, -1)))
# Unbalanced: firms enter late or leave early, and every seventh of the remaining rows is missing.
keep <- balanced$year >= 1935 + balanced$firm_code %% 4 & balanced$year <= 1954 - balanced$firm_code %% 3
unbalanced <- balanced[keep, ]
unbalanced <- unbalanced[(seq_len(nrow(unbalanced)) - 1) %% 7 != 0, ]
write.csv(unbalanced, "grunfeld_unbalanced.csv", row.names = FALSE, na = "")

versions <- function(...) {
  packages <- c(...)
  c(R = as.character(getRversion()),
    setNames(lapply(packages, function(p) as.character(packageVersion(p))), packages))
}
write_golden <- function(values, file, ...) {
  values$versions <- versions(...)
  writeLines(jsonlite::toJSON(values, digits = I(17), auto_unbox = TRUE, pretty = TRUE), file)
}
