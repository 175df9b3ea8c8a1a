internal import MetricCatalog

/// A row for each collector: a panel for all readings of one kind and unit, such as memory in use beside memory in all.
struct MachineRows {
  private let catalog: Catalog
  private let feeds: Feeds
  private let matchers: [LabelMatcher]

  init(_ catalog: Catalog, _ feeds: Feeds, matching matchers: [LabelMatcher]) {
    self.catalog = catalog
    self.feeds = feeds
    self.matchers = matchers
  }

  private static let titles = [
    "nvml": "GPUs", "system": "Machine", "cgroup": "Container", "process": "Processes",
  ]

  var rows: [PanelRow] {
    // What logs feed as well is in their rows.
    let ofLogs = Set(zip(catalog.metrics, feeds.watchers).filter { !$0.1.isEmpty }.map(\.0.name))
    return catalog.collectors.map { collector in
      let readings = feeds.readings.filter {
        $0.collector == collector.name && !ofLogs.contains($0.metric.name) && $0.metric.deprecated == nil
      }
      return PanelRow(title: Self.titles[collector.name] ?? collector.name, panels: panels(readings))
    }
  }

  private func panels(_ readings: [Feeds.Reading]) -> [Panel] {
    var groups: [(key: String, readings: [Feeds.Reading])] = []
    for reading in readings {
      let subject = reading.descriptor.name.prefix { $0 != "." }
      let unit = reading.metric.unitOfValues?.rawValue ?? reading.descriptor.name
      let key = "\(reading.collector)/\(subject)/\(reading.metric.type.rawValue)/\(unit)"
      if let place = groups.firstIndex(where: { $0.key == key }) {
        // One metric may show several readings, by a label: one query has them all.
        let isThere = groups[place].readings.contains { $0.metric.name == reading.metric.name }
        if !isThere { groups[place].readings.append(reading) }
      } else if !groups.contains(where: { $0.readings.contains { $0.metric.name == reading.metric.name } }) {
        groups.append((key, [reading]))
      }
    }
    return groups.map { group in
      let shown = group.readings.map { reading in
        ShownMetric(
          metric: reading.metric,
          matchers: matchers,
          labels: ["instance"] + Self.labels(of: reading),
          legend: group.readings.count > 1 ? Self.detail(reading) : ""
        )
      }
      let title = group.readings.count > 1 ? Self.title(group.readings) : nil
      var panel = Panel(shown, key: group.key, title: title)
      if panel.unit == .share, group.readings.allSatisfy({ $0.metric.type == .gauge }) { panel.bounds = 0...1 }
      if panel.unit == .percent { panel.bounds = 0...100 }
      if group.readings.allSatisfy({ $0.metric.unitOfValues == .bytes && $0.metric.type == .gauge }) {
        panel.bounds = 0...0
      }
      return panel
    }
  }

  /// The labels of a legend. A GPU has a number that tells it from others of its machine, and needs no other name beside it.
  private static func labels(of reading: Feeds.Reading) -> [String] {
    let isNumbered = reading.collector == "nvml" && reading.carriers["device_id"] != nil
    let others = isNumbered ? ["uuid", "name", "serial", "brand", "pci_bus_id"] : []
    let hidden = Set(others.compactMap { reading.carriers[$0]?.name })
    return reading.metric.labels.map(\.name).filter { !hidden.contains($0) }.map(Feeds.targetLabel)
  }

  /// `used maximum` of `memory.used_maximum_bytes`.
  private static func detail(_ reading: Feeds.Reading) -> String {
    let name = reading.descriptor.name
    let subject = name.prefix { $0 != "." }
    var words = name.dropFirst(subject.count).split { $0 == "." || $0 == "_" }
    if let unit = reading.descriptor.unit, words.last.map(String.init) == unit { words.removeLast() }
    return words.isEmpty ? String(subject).replacing("_", with: " ") : words.joined(separator: " ")
  }

  private static let subjects = [
    "cpu": "CPU", "ecc": "ECC", "nvlink": "NVLink", "pcie": "PCIe", "rdma": "RDMA", "xid": "XID",
  ]

  private static func title(_ readings: [Feeds.Reading]) -> String {
    let subject = String(readings[0].descriptor.name.prefix { $0 != "." }).replacing("_", with: " ")
    let title = subjects[subject] ?? subject.prefix(1).uppercased() + subject.dropFirst()
    return readings[0].metric.type == .counter ? title + ", per second" : title
  }
}
