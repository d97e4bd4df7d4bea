packer {
  required_plugins {
    docker = {
      version = ">= 1.0.8"
      source  = "github.com/hashicorp/docker"
    }
  }
}

variable "image" {
  type    = string
  default = "ubuntu:jammy"
  validation {
    condition     = length(var.image) > 0
    error_message = "An image is needed."
  }
}
locals {
  stamp = formatdate("YYYYMMDD", timestamp())
  tags  = [for t in ["a", "b"] : "${var.image}-${t}"]
}
source "docker" "ubuntu" {
  image  = var.image
  commit = true
  changes = ["ENV A=b",
  "USER root"]
}
build {
  name    = "learn"
  sources = ["source.docker.ubuntu"]
  provisioner "shell" {
    environment_vars = ["FOO=hello"]
    inline = ["echo one",
      # why
    "echo ${local.stamp}"]
  }
  dynamic "provisioner" {
    for_each = local.tags
    labels   = ["shell-local"]
    content {
      inline = ["echo ${provisioner.value}"]
    }
  }
  post-processors {
    post-processor "docker-tag" { repository = "a" }
    post-processor "manifest" {}
  }
}
