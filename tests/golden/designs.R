# Makes designs.json with base R: group-time effects, natural cubic splines, paths of a mediation.
# Run in this folder: Rscript designs.R
library(splines)
library(jsonlite)

# --- Callaway-Sant'Anna without covariates, never treated as comparison, clusters are the states
wide <- read.csv("medicaid_expansion.csv")
years <- 2008:2015
y <- as.matrix(wide[, paste0("y", years)])
start <- ifelse(is.na(wide$first_treated) | wide$first_treated > 2015, Inf, wide$first_treated)
n <- nrow(y)
cell <- function(g, t) {
  base <- g - 1
  change <- y[, years == t] - y[, years == base]
  treated <- start == g
  control <- is.infinite(start)
  att <- mean(change[treated]) - mean(change[control])
  psi <- numeric(n)
  psi[treated] <- (change[treated] - mean(change[treated])) / sum(treated)
  psi[control] <- -(change[control] - mean(change[control])) / sum(control)
  list(att = att, psi = psi)
}
groups <- c(2014, 2014, 2015)
times <- c(2014, 2015, 2015)
cells <- Map(cell, groups, times)
att <- sapply(cells, `[[`, "att")
psi <- sapply(cells, `[[`, "psi")
share <- sapply(groups, function(g) mean(start == g))
simple <- sum(att * share) / sum(share)
member <- sapply(groups, function(g) as.numeric(start == g))
psi_simple <- as.vector(psi %*% (share / sum(share))) +
  as.vector(member %*% (att - simple)) / (n * sum(share))
se <- function(x) sqrt(n / (n - 1) * sum(x^2))

# --- natural cubic spline with firm effects, classical covariance
g <- read.csv("grunfeld.csv")
knots <- quantile(g$value, c(0.05, 0.35, 0.65, 0.95), type = 7, names = FALSE)
basis <- function(x) ns(x, knots = knots[2:3], Boundary.knots = knots[c(1, 4)])
fit <- lm(invest ~ basis(value) + capital + factor(firm), data = g)
reference <- median(g$value)
grid <- seq(quantile(g$value, 0.05, names = FALSE), quantile(g$value, 0.95, names = FALSE), length.out = 5)
loading <- sweep(basis(grid), 2, as.vector(basis(reference)))
part <- 2:4
curve <- as.vector(loading %*% coef(fit)[part])
curve_se <- sqrt(diag(loading %*% vcov(fit)[part, part] %*% t(loading)))
straight <- lm(invest ~ value + capital + factor(firm), data = g)
linearity <- anova(straight, fit)

# --- mediation: value -> capital -> invest, firm effects
to_mediator <- coef(lm(capital ~ value + factor(firm), data = g))[["value"]]
outcome <- coef(lm(invest ~ value + capital + factor(firm), data = g))
total <- coef(lm(invest ~ value + factor(firm), data = g))[["value"]]

write_json(list(
  source = paste("designs.R,", R.version.string),
  group_time = list(group = groups, time = times, att = att, std_error = apply(psi, 2, se)),
  simple = list(att = simple, std_error = se(psi_simple)),
  spline = list(knots = knots, grid = grid, estimate = curve, std_error = curve_se,
                linearity_f = linearity$F[2], linearity_p = linearity$`Pr(>F)`[2]),
  mediation = list(a = to_mediator, b = outcome[["capital"]], direct = outcome[["value"]], total = total)
), "designs.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
