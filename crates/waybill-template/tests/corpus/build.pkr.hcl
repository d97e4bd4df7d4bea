packer {
  required_version = ">= 1.9.0"
  required_plugins {
    qemu = {
      version = "~> 1"
      source  = "github.com/hashicorp/qemu"
    }
  }
}

variable "release" {
  type        = string
  default     = "24.04"
  description = "Which release to install."
  validation {
    condition     = can(regex("^[0-9]{2}\\.[0-9]{2}$", var.release))
    error_message = "A release has two digits, a point and two digits."
  }
}

variables {
  disk = 20
  tags = { team = "images", "cost center" = "4711" }
}

locals {
  name    = "ubuntu-${replace(var.release, ".", "-")}"
  started = formatdate("YYYY-MM-DD", timestamp())
}

source "qemu" "server" {
  iso_url      = "https://releases.example.org/${var.release}/server.iso"
  iso_checksum = "file:https://releases.example.org/${var.release}/SHA256SUMS"
  disk_size    = "${var.disk}G"
  boot_wait    = "5s"
  boot_command = [
    "<esc><wait>",
    "linux autoinstall ds=nocloud-net;s=http://{{ .HTTPIP }}:{{ .HTTPPort }}/<enter>",
  ]
}

build {
  name    = local.name
  sources = ["source.qemu.server"]

  source "qemu.server" {
    name = "large"
  }

  provisioner "shell" {
    inline = ["apt-get update", "apt-get -y upgrade"]
    env    = { DEBIAN_FRONTEND = "noninteractive" }
    only   = ["qemu.server"]
  }

  post-processors {
    post-processor "manifest" { output = "manifest.json" }
    post-processor "checksum" {
      checksum_types = ["sha256"]
    }
  }
}
