// swift-tools-version: 5.9
import PackageDescription

let package = Package(
    name: "Sparrow",
    targets: [.target(name: "Sparrow"), .testTarget(name: "SparrowTests")]
)
