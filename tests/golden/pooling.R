# Random-effects pooling: metafor on the BCG vaccine trials, and on Grunfeld's sectors. Run: Rscript pooling.R
suppressMessages({library(metafor); library(clubSandwich)})
source("panel_data.R")
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
describe <- function(y, v) {
  wald <- rma(y, v, method = "REML", control = list(threshold = 1e-14, maxiter = 1000))
  knha <- rma(y, v, method = "REML", test = "knha", control = list(threshold = 1e-14, maxiter = 1000))
  shrunken <- blup(wald)
  p <- predict(knha)
  list(tau2 = wald$tau2, mean = drop(wald$beta), std_error = wald$se, i2 = wald$I2 / 100, q = wald$QE,
       q_p_value = wald$QEp, hksj_std_error = knha$se, hksj_conf = c(knha$ci.lb, knha$ci.ub),
       hksj_prediction = c(p$pi.lb, p$pi.ub), shrunken = shrunken$pred, shrunken_std_error = shrunken$se)
}
# Own estimates per sector: unit and year effects of the sector, classical covariance.
b <- balanced
own <- lapply(split(b, b$firm_code %% 3), function(d) {
  fit <- lm(invest ~ value + firm + factor(year), d)
  c(coef(fit)["value"], sqrt(vcov(fit)["value", "value"]))
})
own <- do.call(rbind, own)
# A homogeneous case, where the restricted likelihood has its maximum at zero.
flat <- list(y = c(0.10, 0.12, 0.11, 0.09, 0.13), v = c(0.04, 0.05, 0.03, 0.06, 0.05))
write_golden(list(
  bcg = c(list(estimates = as.numeric(bcg$yi), variances = as.numeric(bcg$vi)), describe(bcg$yi, bcg$vi)),
  flat = c(list(estimates = flat$y, variances = flat$v), describe(flat$y, flat$v)),
  sectors = c(list(estimates = unname(own[, 1]), std_errors = unname(own[, 2])), describe(own[, 1], own[, 2]^2))
), "pooling.json", "metafor")
