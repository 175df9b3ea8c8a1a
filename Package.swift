// swift-tools-version: 6.1
import PackageDescription

/// The rooms of the exporter, lowest first. A target depends only on targets above it in this list;
/// `docs/architecture.md` shows the same table, and `PolicyTests` holds both to what the sources import.
let package = Package(
  name: "training-exporter",
  products: [
    .library(name: "MetricCatalog", targets: ["MetricCatalog"])
  ],
  dependencies: [],
  targets: [
    .target(name: "CNumbers"),
    .target(name: "PatternSyntax"),
    .target(name: "MetricModel"),
    .target(name: "MetricCatalog", dependencies: ["PatternSyntax", "MetricModel"]),
    .target(name: "LogFormats", dependencies: ["CNumbers", "PatternSyntax"]),
    .target(name: "Tailing", dependencies: ["PatternSyntax"]),

    .testTarget(name: "PatternSyntaxTests", dependencies: ["PatternSyntax"]),
    .testTarget(name: "TailingTests", dependencies: ["Tailing", "PatternSyntax"], exclude: ["Fixtures"]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
