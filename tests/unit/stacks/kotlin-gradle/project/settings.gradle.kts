rootProject.name = "orchard"
include(":apple")
