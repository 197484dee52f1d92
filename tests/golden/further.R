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

# Event study: states that expanded Medicaid in 2014 against those that had not by 2015; leads and lags, state and year
# effects, clustered by state.
wide <- read.csv("medicaid_expansion.csv")
wide <- wide[is.na(wide$first_treated) | wide$first_treated != 2015, ]
m <- reshape(wide, direction = "long", varying = paste0("y", 2008:2015), v.names = "y", timevar = "year",
             times = 2008:2015, idvar = "state")
events <- setdiff(2008:2015, 2013) - 2014
dummies <- sapply(events, function(e) as.numeric(!is.na(m$first_treated) & m$first_treated == 2014 & m$year - 2014 == e))
colnames(dummies) <- sprintf("event:%+03d", events)
leads <- lm(m$y ~ 0 + dummies + factor(m$state) + factor(m$year))
G <- length(unique(m$state))
V <- vcovCL(leads, m$state, type = "HC0", cadjust = FALSE) * G / (G - 1) * (nrow(m) - 1) / (nrow(m) - 7 - 8)
names_of <- paste0("dummies", colnames(dummies))
named <- function(x) as.list(setNames(unname(x), colnames(dummies)))

# Partially linear model on given splits by cluster: residuals of least squares on the other folds.
ml <- jsonlite::fromJSON("double_ml.json")
d <- as.data.frame(ml$data)
left <- function(name) {
  out <- numeric(nrow(d))
  for (k in unique(ml$fold)) {
    fit <- lm(reformulate(c("x1", "x2"), name), d[ml$fold != k, ])
    out[ml$fold == k] <- d[[name]][ml$fold == k] - predict(fit, d[ml$fold == k, ])
  }
  out
}
ry <- left("y"); rd <- left("d")
theta <- sum(rd * ry) / sum(rd^2)
scores <- tapply(rd * (ry - theta * rd), d$cluster, sum)
groups <- length(scores)
theta_se <- sqrt(groups / (groups - 1) * sum(scores^2)) / sum(rd^2)

write_golden(list(
  event_study = list(estimate = named(coef(leads)[names_of]), std_error = named(sqrt(diag(V)[names_of]))),
  double_ml = list(estimate = theta, std_error = theta_se),
  pooled = describe(pooled, 3), pooled_weighted = describe(pooled_weighted, 3),
  pooled_by_year = describe(by_year, 2 + years), pooled_by_year_weighted = describe(by_year_weighted, 2 + years),
  random_effects = list(estimate = as.list(coef(re)[slopes]), CRV1 = errors(clustered), HC1 = errors(white)),
  partial_pooling = list(own = unname(own[, 1]), own_std_error = unname(own[, 2]), tau2 = rem$tau2,
    mean = drop(unname(rem$beta)), std_error = rem$se, shrunken = pulled$pred, shrunken_std_error = pulled$se)
), "further.json", "sandwich", "clubSandwich", "plm", "metafor")
