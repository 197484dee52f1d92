# Two-stage least squares with firm and year dummies (AER), its companions, and split halves. Run: Rscript instrumental.R
suppressMessages({library(AER); library(sandwich); library(clubSandwich)})
source("panel_data.R")
u <- unbalanced[!is.na(unbalanced$lagged_value), ]
firms <- length(unique(u$firm)); years <- length(unique(u$year)); n <- nrow(u)
scale_of <- function(k) firms / (firms - 1) * (n - 1) / (n - k)
describe <- function(formula, instruments) {
  iv <- ivreg(formula, data = u)
  d <- summary(iv, diagnostics = TRUE)$diagnostics
  cl <- vcovCL(iv, u$firm, type = "HC0", cadjust = FALSE) * scale_of(2 + years)
  cr2 <- coef_test(iv, vcovCR(iv, u$firm, type = "CR2"), test = "Satterthwaite", coefs = "value")
  out <- list(estimate = unname(coef(iv)["value"]), classical = sqrt(vcov(iv)["value", "value"]),
       HC1 = sqrt(vcovHC(iv, "HC1")["value", "value"]),
       CRV1 = sqrt(cl["value", "value"]), CR2 = cr2$SE,
       weak = unname(d["Weak instruments", "statistic"]), wu_hausman = unname(d["Wu-Hausman", "statistic"]))
  if ("Sargan" %in% rownames(d)) out$sargan <- unname(d["Sargan", "statistic"])
  out
}
one <- describe(invest ~ value + capital + firm + factor(year) | lagged_value + capital + firm + factor(year))
two <- describe(invest ~ value + capital + firm + factor(year) |
                  lagged_value + lagged_capital + capital + firm + factor(year))

# Anderson-Rubin: values b at which the instruments do not explain invest - b value, by clustered F.
ar <- function(b, instruments) {
  u$left <- u$invest - b * u$value
  m <- lm(reformulate(c(instruments, "capital", "firm", "factor(year)"), "left"), u)
  V <- vcovCL(m, u$firm, type = "HC0", cadjust = FALSE)[instruments, instruments, drop = FALSE] *
    scale_of(length(instruments) + 1 + years)
  z <- coef(m)[instruments]
  drop(t(z) %*% solve(V) %*% z) / length(instruments) - qf(.95, length(instruments), firms - 1)
}
# All roots between neighbouring points of a grid where the difference changes its sign.
ends <- function(instruments) {
  grid <- sinh(seq(-6, 6, length.out = 600)) / 10
  f <- sapply(grid, ar, instruments = instruments)
  turns <- which(diff(sign(f)) != 0)
  sapply(turns, function(i) uniroot(ar, grid[c(i, i + 1)], instruments = instruments, tol = 1e-14)$root)
}
one$anderson_rubin <- ends("lagged_value")
two$anderson_rubin <- ends(c("lagged_value", "lagged_capital"))
f1 <- lm(value ~ lagged_value + capital + firm + factor(year), u)
V <- vcovCL(f1, u$firm, type = "HC0", cadjust = FALSE) * scale_of(2 + years)
one$clustered_f <- unname(coef(f1)["lagged_value"]^2 / V["lagged_value", "lagged_value"])

# Split halves of value with independent errors, each the other's instrument, both moments added.
u$error <- rep_len(c(200, -350, 120, 80, -60, 310, -240), n)
u$half_a <- u$value + u$error
u$half_b <- u$value - rev(u$error)
within <- function(name) residuals(lm(reformulate(c("capital", "firm", "factor(year)"), name), u))
y <- within("invest"); a <- within("half_a"); b <- within("half_b")
estimate <- sum((a + b) * y) / (2 * sum(a * b))
moment <- b * (y - estimate * a) + a * (y - estimate * b)
halves <- list(estimate = estimate,
  CRV1 = sqrt(sum(tapply(moment, u$firm, sum)^2) * scale_of(2 + years)) / (2 * sum(a * b)),
  HC1 = sqrt(sum(moment^2) * n / (n - (2 + firms + years - 1))) / (2 * sum(a * b)),
  one_sided = c(unname(coef(ivreg(invest ~ half_a + capital + firm + factor(year) |
                                    half_b + capital + firm + factor(year), data = u))["half_a"]),
                unname(coef(ivreg(invest ~ half_b + capital + firm + factor(year) |
                                    half_a + capital + firm + factor(year), data = u))["half_b"])),
  reliability = 4 * sum(a * b) / sum((a + b)^2))
write.csv(u[, c("invest", "value", "capital", "firm", "year", "lagged_value", "lagged_capital", "half_a", "half_b")],
          "grunfeld_instruments.csv", row.names = FALSE, na = "")
write_golden(list(one = one, two = two, halves = halves), "instrumental.json", "AER", "sandwich", "clubSandwich")
