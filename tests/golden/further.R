# What the other scripts leave out: every covariance of weighted and pooled regressions, random effects with robust
# covariances, group-wise regressions pooled as one analysis. Run in this folder: Rscript further.R
suppressMessages({library(sandwich); library(clubSandwich); library(plm); library(metafor)})
source("panel_data.R")
slopes <- c("value", "capital")
u <- unbalanced
firms <- length(unique(u$firm)); years <- length(unique(u$year)); n <- nrow(u)
adjusted <- function(k, g = firms) g / (g - 1) * (n - 1) / (n - k)
errors <- function(V) as.list(sqrt(diag(V))[slopes])
crv1 <- function(model, k) errors(vcovCL(model, u$firm, type = "HC0", cadjust = FALSE) * adjusted(k))
satterthwaite <- function(model) {
  t <- coef_test(model, vcovCR(model, u$firm, type = "CR2"), test = "Satterthwaite", coefs = slopes)
  list(std_error = as.list(setNames(t$SE, slopes)), df = as.list(setNames(t$df_Satt, slopes)))
}
# Columns multiplied by the roots of the weights: the weights are inverse variances of the working model.
rooted <- function(model) {
  r <- if (is.null(model$weights)) rep(1, n) else sqrt(model$weights)
  d <- as.data.frame(r * cbind(outcome = model$model[[1]], model.matrix(model)))
  colnames(d) <- make.names(colnames(d))
  lm(outcome ~ 0 + ., d)
}
crv3 <- function(model, k) errors(vcovCR(rooted(model), u$firm, type = "CR3") * adjusted(k))
describe <- function(model, k) list(estimate = as.list(coef(model)[slopes]), classical = errors(vcov(model)),
  HC1 = errors(vcovHC(rooted(model), "HC1")), CRV1 = crv1(model, k), CR2 = satterthwaite(rooted(model)),
  CRV3 = crv3(model, k))
pooled <- lm(invest ~ value + capital, u)
pooled_weighted <- lm(invest ~ value + capital, u, weights = weight)
by_year <- lm(invest ~ value + capital + factor(year), u)
by_year_weighted <- lm(invest ~ value + capital + factor(year), u, weights = weight)

# Random effects: plm's sandwich over firms, with the factors of this project.
p <- pdata.frame(u, index = c("firm", "year"))
re <- plm(invest ~ value + capital, p, model = "random", random.method = "swar")
clustered <- vcovHC(re, method = "arellano", type = "HC0", cluster = "group") * adjusted(3)
white <- vcovHC(re, method = "white1", type = "HC0") * n / (n - 3)

# Partial pooling of Grunfeld's firms in three groups: own regressions with firm and year effects, classical errors, then metafor.
b <- balanced
b$group <- b$firm_code %% 3
own <- lapply(split(b, b$group), function(d) {
  fit <- lm(invest ~ value + capital + firm + factor(year), d)
  c(coef(fit)["value"], sqrt(vcov(fit)["value", "value"]))
})
own <- do.call(rbind, own)
rem <- rma(own[, 1], own[, 2]^2, method = "REML", test = "z", control = list(threshold = 1e-14, maxiter = 1000))
pulled <- blup(rem)
write_golden(list(
  pooled = describe(pooled, 3), pooled_weighted = describe(pooled_weighted, 3),
  pooled_by_year = describe(by_year, 2 + years), pooled_by_year_weighted = describe(by_year_weighted, 2 + years),
  random_effects = list(estimate = as.list(coef(re)[slopes]), CRV1 = errors(clustered), HC1 = errors(white)),
  partial_pooling = list(own = unname(own[, 1]), own_std_error = unname(own[, 2]), tau2 = rem$tau2,
    mean = drop(unname(rem$beta)), std_error = rem$se, shrunken = pulled$pred, shrunken_std_error = pulled$se)
), "further.json", "sandwich", "clubSandwich", "plm", "metafor")
