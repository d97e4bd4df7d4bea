build {
  dynamic "source" {
    for_each = { for name in var.names : name => name if length(name) > 2 }
    labels   = ["null.${source.key}"]
    content {
      name = source.value
    }
  }

  dynamic "provisioner" {
    for_each = var.steps
    iterator = step
    labels   = ["shell-local"]
    content {
      inline = step.value.commands
      environment_vars = concat(
        ["A=1"],
        [for k, v in step.value.env : "${k}=${v}"],
      )
    }
  }

  error-cleanup-provisioner "shell-local" {
    inline = ["echo failed"]
  }
}
