// swift-tools-version: 6.1
import PackageDescription

/// The rooms of the exporter, lowest first. A target depends only on targets above it in this list;
/// `docs/architecture.md` shows the same table, and `PolicyTests` holds both to what the sources import.
let package = Package(
  name: "training-exporter",
  products: [
    .library(name: "MetricCatalog", targets: ["MetricCatalog"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .target(name: "CNumbers"),
    .target(name: "Diagnostics"),
    .target(name: "YAMLSyntax", dependencies: ["CLibYAML", "Diagnostics"]),
    .target(name: "PatternSyntax"),
    .target(name: "MetricModel"),
    .target(name: "MetricCatalog", dependencies: ["PatternSyntax", "MetricModel"]),
    .target(name: "MetricRegistry", dependencies: ["MetricModel"]),
    .target(name: "Exposition", dependencies: ["CNumbers", "MetricModel", "MetricRegistry"]),
    .target(name: "LogFormats", dependencies: ["CNumbers", "PatternSyntax"]),
    .target(name: "Tailing", dependencies: ["PatternSyntax"]),
    .target(
      name: "Serving",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ]
    ),

    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"]),
    .testTarget(name: "YAMLSyntaxTests", dependencies: ["YAMLSyntax", "Diagnostics"]),
    .testTarget(name: "PatternSyntaxTests", dependencies: ["PatternSyntax"]),
    .testTarget(name: "MetricRegistryTests", dependencies: ["MetricModel", "MetricRegistry"]),
    .testTarget(name: "ExpositionTests", dependencies: ["CNumbers", "Exposition", "MetricModel", "MetricRegistry"]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
