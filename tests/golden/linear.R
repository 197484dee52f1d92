# Fixed effects and pooled regressions with every covariance. Run in this folder: Rscript linear.R
suppressMessages({library(sandwich); library(clubSandwich)})
source("panel_data.R")
slopes <- c("value", "capital")

# N, K and G of the factor G/(G-1) x (N-1)/(N-K); K leaves out effects nested in the cluster.
factor_of <- function(n, k, g) g / (g - 1) * (n - 1) / (n - k)
crv <- function(model, cluster, k) {
  n <- nobs(model); g <- length(unique(cluster))
  sqrt(diag(vcovCL(model, cluster, type = "HC0", cadjust = FALSE))[slopes] * factor_of(n, k, g))
}
two_way <- function(model, a, b, k) {
  g <- min(length(unique(a)), length(unique(b)))
  v <- vcovCL(model, list(a, b), type = "HC0", cadjust = FALSE)
  sqrt(diag(v)[slopes] * factor_of(nobs(model), k, g))
}
satterthwaite <- function(model, cluster, ...) {
  t <- coef_test(model, vcovCR(model, cluster, type = "CR2", ...), test = "Satterthwaite", coefs = slopes)
  list(std_error = setNames(t$SE, slopes), df = setNames(t$df_Satt, slopes), p_value = setNames(t$p_Satt, slopes))
}
# CR3 inverts I - H of a cluster, which firm dummies make singular: firms are taken out by demeaning first.
demeaned <- function(data, weights) {
  X <- model.matrix(~ value + capital + factor(year), data)[, -1]
  M <- cbind(invest = data$invest, X)
  colnames(M) <- make.names(colnames(M))
  for (f in unique(data$firm)) {
    r <- data$firm == f
    M[r, ] <- sweep(M[r, ], 2, colSums(M[r, ] * weights[r]) / sum(weights[r]))
  }
  d <- as.data.frame(M)
  d$w <- weights
  lm(invest ~ 0 + . - w, d, weights = w)
}
cr3 <- function(model, cluster, ...) vcovCR(model, cluster, type = "CR3", ...)
crv3 <- function(model, cluster, k, ...) {
  sqrt(diag(cr3(model, cluster, ...))[slopes] * factor_of(nobs(model), k, length(unique(cluster))))
}
# Leave-one-cluster-out by refitting.
jackknife <- function(formula, data, weights) {
  data$w <- weights
  environment(formula) <- environment()
  full <- coef(lm(formula, data, weights = w))[slopes]
  ids <- unique(data$firm)
  changes <- sapply(ids, function(id) coef(lm(formula, data[data$firm != id, ], weights = w))[slopes] - full)
  sqrt((length(ids) - 1) / length(ids) * rowSums(changes^2))
}

u <- unbalanced
u$one <- 1
years <- length(unique(u$year)); firms <- length(unique(u$firm)); sectors <- length(unique(u$sector))
fe <- lm(invest ~ value + capital + firm + factor(year), u)
wfe <- lm(invest ~ value + capital + firm + factor(year), u, weights = weight)
one <- lm(invest ~ value + capital + firm, u)
pooled <- lm(invest ~ value + capital, u)
wpooled <- lm(invest ~ value + capital, u, weights = weight)
# Effects seen in a single row fit that row perfectly: such rows go, again and again, before N and K are counted.
without_singletons <- function(data, columns) {
  repeat {
    alone <- Reduce(`|`, lapply(columns, function(c) ave(seq_along(data[[c]]), data[[c]], FUN = length) == 1))
    if (!any(alone)) return(data)
    data <- data[!alone, ]
  }
}
u$sector_year <- paste(u$sector, u$year)
repeated <- without_singletons(u, c("firm", "sector_year"))
sector_year <- lm(invest ~ value + capital + firm + sector_year, repeated)
extra <- lm(invest ~ value + capital + firm + factor(year) + factor(paste(sector, year %% 4)), u)
within <- demeaned(u, u$one)
wwithin <- demeaned(u, u$weight)
# Weights as inverse variances: CR2 of the regression on columns multiplied by the roots of the weights.
rooted <- function(model) {
  r <- sqrt(model$weights)
  d <- as.data.frame(r * cbind(outcome = model$model[[1]], model.matrix(model)))
  colnames(d) <- make.names(colnames(d))
  lm(outcome ~ 0 + ., d)
}
hc1 <- function(model) sqrt(diag(vcovHC(model, "HC1"))[slopes])
plain <- function(model) sqrt(diag(vcov(model))[slopes])
coefs <- function(model) coef(model)[slopes]
as_l <- function(x) as.list(x)

# Moderation: capital centred at its weighted mean, effect of value at the mean and one deviation either side.
m <- mean(u$capital); s <- sqrt(mean((u$capital - m)^2))
u$centred <- u$capital - m
mod <- lm(invest ~ value + centred + value:centred + firm + factor(year), u)
V <- vcovCL(mod, u$firm, type = "HC0", cadjust = FALSE) * factor_of(nrow(u), 3 + years, firms)
at <- c(-s, 0, s)
pair <- c("value", "value:centred")
slope <- coef(mod)["value"] + coef(mod)["value:centred"] * at
slope_se <- sapply(at, function(a) { c <- c(1, a); sqrt(drop(t(c) %*% V[pair, pair] %*% c)) })
crit <- qt(.975, firms - 1)
A <- coef(mod)[pair[2]]^2 - crit^2 * V[pair[2], pair[2]]
B <- 2 * (prod(coef(mod)[pair]) - crit^2 * V[pair[1], pair[2]])
C <- coef(mod)[pair[1]]^2 - crit^2 * V[pair[1], pair[1]]
jn <- sort((-B + c(-1, 1) * sqrt(B^2 - 4 * A * C)) / (2 * A)) + m

wald_F <- function(model, V) { b <- coefs(model); drop(t(b) %*% solve(V[slopes, slopes]) %*% b) / 2 }
V1 <- vcovCL(fe, u$firm, type = "HC0", cadjust = FALSE) * factor_of(nrow(u), 2 + years, firms)

write_golden(list(
  two_way = list(
    estimate = as_l(coefs(fe)), classical = as_l(plain(fe)), HC1 = as_l(hc1(fe)),
    CRV1 = as_l(crv(fe, u$firm, 2 + years)),
    CRV1_two_way = as_l(two_way(fe, u$firm, u$year, 2 + 1)),
    CR2 = lapply(satterthwaite(fe, u$firm), as_l),
    CR3 = as_l(sqrt(diag(cr3(within, u$firm))[slopes])), CRV3 = as_l(crv3(within, u$firm, 2 + years)),
    jackknife = as_l(jackknife(invest ~ value + capital + firm + factor(year), u, u$one)),
    f_statistic = wald_F(fe, V1), rmse = summary(fe)$sigma),
  two_way_weighted = list(
    estimate = as_l(coefs(wfe)), classical = as_l(plain(wfe)), HC1 = as_l(hc1(wfe)),
    CRV1 = as_l(crv(wfe, u$firm, 2 + years)),
    CR2 = lapply(satterthwaite(rooted(wfe), u$firm), as_l),
    CRV3 = as_l(crv3(wwithin, u$firm, 2 + years, target = 1 / u$weight, inverse_var = TRUE)),
    jackknife = as_l(jackknife(invest ~ value + capital + firm + factor(year), u, u$weight))),
  one_way = list(
    estimate = as_l(coefs(one)), CRV1 = as_l(crv(one, u$firm, 2 + 1)),
    CR2 = lapply(satterthwaite(one, u$firm), as_l)),
  clustered_by_sector = list(
    CRV1 = as_l(crv(fe, u$sector, 2 + years)), CR2 = lapply(satterthwaite(fe, u$sector), as_l)),
  sector_year = list(
    estimate = as_l(coefs(sector_year)),
    CRV1 = as_l(crv(sector_year, repeated$firm, 2 + length(unique(repeated$sector_year)))),
    n_obs = nrow(repeated), n_singletons = nrow(u) - nrow(repeated)),
  extra = list(
    estimate = as_l(coefs(extra)),
    CRV1 = as_l(crv(extra, u$firm, 2 + years + length(unique(paste(u$sector, u$year %% 4))) - 1))),
  pooled = list(
    estimate = as_l(coefs(pooled)), classical = as_l(plain(pooled)), HC1 = as_l(hc1(pooled)),
    CRV1 = as_l(crv(pooled, u$firm, 3)), CR2 = lapply(satterthwaite(pooled, u$firm), as_l),
    r2 = summary(pooled)$r.squared),
  pooled_weighted = list(estimate = as_l(coefs(wpooled)), CRV1 = as_l(crv(wpooled, u$firm, 3))),
  moderation = list(
    interaction = unname(coef(mod)["value:centred"]), interaction_std_error = sqrt(V[pair[2], pair[2]]),
    slopes = unname(slope), slope_std_errors = unname(slope_se), johnson_neyman = unname(jn))
), "linear.json", "sandwich", "clubSandwich")
