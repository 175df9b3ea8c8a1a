/// All kinds of change, in the order of the documentation. A new one is one more line here.
package enum ChangeRules {
  static var all: [any ChangeRule.Type] {
    [
      RemovedMetricChange.self,
      RenamedMetricChange.self,
      AddedMetricChange.self,
      DeprecationChange.self,
      TypeChange.self,
      UnitChange.self,
      HelpChange.self,
      BucketsChange.self,
      NativeHistogramChange.self,
      QuantilesChange.self,
      StatesChange.self,
      CreatedChange.self,
      ConstantChange.self,
      MetricLabelsChange.self,
      OrderChange.self,
      ValuesChange.self,
      OtherwiseChange.self,
      NamedChange.self,
      FeedChange.self,
      FieldPrecedenceChange.self,
      ScaleChange.self,
      FromChange.self,
      NumberTextChange.self,
      LabelTextChange.self,
      ExemplarChange.self,
      FilesChange.self,
      FormatChange.self,
      ConditionsChange.self,
      WatcherNameChange.self,
      RunChange.self,
      CollectorChange.self,
      LimitsChange.self,
      EvictionChange.self,
      ExpiryChange.self,
      StateChange.self,
    ]
  }

  /// The ids of all changes, in the order of docs/diff.md.
  package static let ids: [RuleID] = all.flatMap { $0.ids }
}
