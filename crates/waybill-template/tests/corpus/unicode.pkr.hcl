locals {
  größe = "groß"
  名前   = "🎁 ${größe}"
}