# Restricted wild cluster bootstrap by brute force: every sign vector, every draw refitted with dummies. Rscript wild.R
source("panel_data.R")
bootstrap <- function(data, tested, others, null = 0) {
  y <- data$invest - null * data[[tested]]
  D <- model.matrix(reformulate(c(others, "firm", "factor(year)")), data)
  X <- cbind(data[[tested]], D)
  restricted <- lm.fit(D, y)
  cl <- as.integer(factor(data$firm)); G <- max(cl)
  bread <- solve(crossprod(X))
  t_of <- function(y) {
    b <- bread %*% crossprod(X, y)
    e <- drop(y - X %*% b)
    s <- rowsum(X * e, cl) %*% bread[, 1]
    b[1] / sqrt(sum(s^2))
  }
  observed <- t_of(y)
  signs <- as.matrix(expand.grid(rep(list(c(1, -1)), G)))
  drawn <- apply(signs, 1, function(s) t_of(restricted$fitted.values + s[cl] * restricted$residuals))
  mean(abs(drawn) >= abs(observed) * (1 - 1e-9))
}
write_golden(list(
  balanced = list(value = bootstrap(balanced, "value", "capital"), capital = bootstrap(balanced, "capital", "value")),
  unbalanced = list(value = bootstrap(unbalanced, "value", "capital"),
                    capital = bootstrap(unbalanced, "capital", "value"),
                    value_at_0.06 = bootstrap(unbalanced, "value", "capital", 0.06))
), "wild.json")
