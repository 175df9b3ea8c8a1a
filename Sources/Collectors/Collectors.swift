package import MetricModel

/// All collectors, in the order of the documentation. A new one is one more line here.
package enum Collectors {
  package static var all: [any Collector.Type] {
    [
      SystemCollector.self,
      CgroupCollector.self,
      ProcessCollector.self,
      NVMLCollector.self,
    ]
  }

  /// What they offer.
  package static var descriptors: [CollectorDescriptor] { all.map { $0.descriptor } }
}
