# Random effects (plm), Hausman, mixed model (lme4). Run: Rscript panel.R
suppressMessages({library(plm); library(lme4); library(sandwich)})
source("panel_data.R")
slopes <- c("value", "capital")
random <- function(data) {
  p <- pdata.frame(data, index = c("firm", "year"))
  re <- plm(invest ~ value + capital, p, model = "random", random.method = "swar")
  fe <- plm(invest ~ value + capital, p, model = "within")
  h <- phtest(fe, re)
  e <- ercomp(re)
  list(estimate = as.list(coef(re)[slopes]), std_error = as.list(sqrt(diag(vcov(re))[slopes])),
       variance_idiosyncratic = unname(e$sigma2["idios"]), variance_unit = unname(e$sigma2["id"]),
       theta = sort(unique(signif(as.numeric(e$theta), 12))),
       hausman = list(statistic = unname(h$statistic), df = unname(h$parameter), p_value = h$p.value))
}
with_eras <- function(data) {
  p <- pdata.frame(transform(data, era = factor(year %/% 5)), index = c("firm", "year"))
  re <- plm(invest ~ value + capital + era, p, model = "random", random.method = "swar")
  list(estimate = as.list(coef(re)[slopes]), std_error = as.list(sqrt(diag(vcov(re))[slopes])))
}
mixed <- function(data) {
  m <- lmer(invest ~ value + capital + (1 | firm), data, REML = TRUE,
            control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12)))
  v <- as.data.frame(VarCorr(m))$vcov
  list(estimate = as.list(fixef(m)[slopes]), std_error = as.list(sqrt(diag(as.matrix(vcov(m)))[slopes])),
       variance_unit = v[1], variance_idiosyncratic = v[2], icc1 = v[1] / sum(v))
}
anova_icc <- function(data) {
  a <- anova(lm(invest ~ firm, data))
  n <- table(data$firm)
  k <- (sum(n) - sum(n^2) / sum(n)) / (length(n) - 1)
  between <- (a[1, 3] - a[2, 3]) / k
  list(icc1 = between / (between + a[2, 3]), icc2 = between / (between + a[2, 3] / mean(n)))
}
write_golden(list(
  balanced = list(random = random(balanced), mixed = mixed(balanced), anova = anova_icc(balanced)),
  unbalanced = list(random = random(unbalanced), with_eras = with_eras(unbalanced), mixed = mixed(unbalanced),
                    anova = anova_icc(unbalanced))
), "panel.json", "plm", "lme4")
