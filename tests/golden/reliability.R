# Reliability of items and of group means: base R and lme4.
# Rscript reliability.R > reliability.json
suppressMessages(library(lme4))
items <- as.matrix(attitude)                       # 30 departments, 7 items (datasets::attitude)
items[cbind(c(2, 5, 9, 14, 21, 28), c(1, 3, 3, 5, 7, 2))] <- NA
alpha <- function(S) ncol(S) / (ncol(S) - 1) * (1 - sum(diag(S)) / sum(S))
halves <- function(S) 4 * sum(S[c(1, 3, 5, 7), c(2, 4, 6)]) / sum(S)
listwise <- cov(items, use = "complete.obs")
pairwise <- cov(items, use = "pairwise.complete.obs")
yield <- Dyestuff[-c(1, 7, 8, 20), ]               # lme4's Dyestuff made unbalanced: 26 of 30 yields in 6 batches
model <- lmer(Yield ~ 1 + (1 | Batch), yield, REML = TRUE)
parts <- as.data.frame(VarCorr(model))$vcov
sizes <- as.numeric(table(yield$Batch)); n <- sum(sizes); g <- length(sizes)
k <- (n - sum(sizes^2) / n) / (g - 1)
table <- anova(lm(Yield ~ Batch, yield)); msb <- table[1, 3]; msw <- table[2, 3]
num <- function(x) paste0("[", paste(ifelse(is.na(x), "null", format(x, digits = 15, trim = TRUE)), collapse = ", "), "]")
rows <- apply(items, 1, num)
cat("{\n")
cat(' "made_with": "', R.version.string, ", lme4 ", as.character(packageVersion("lme4")), '",\n', sep = "")
cat(' "items": [', paste(rows, collapse = ", "), "],\n", sep = "")
cat(' "yield": ', num(yield$Yield), ',\n "batch": ["', paste(yield$Batch, collapse = '", "'), '"],\n', sep = "")
value <- function(name, x, end = ",") cat(' "', name, '": ', format(x, digits = 15), end, "\n", sep = "")
value("alpha_listwise", alpha(listwise)); value("alpha_pairwise", alpha(pairwise))
value("split_half_listwise", halves(listwise)); value("split_half_pairwise", halves(pairwise))
value("icc1_anova", (msb - msw) / (msb + (k - 1) * msw)); value("icc2_anova", (msb - msw) / msb)
value("icc1_mixed", parts[1] / sum(parts)); value("icc2_mixed", parts[1] / (parts[1] + parts[2] / k), "")
cat("}\n")
