/// All rules, in the order of the documentation. A new one is one more line here.
package enum Rules {
  static var all: [any Rule.Type] {
    [
      MetricNameRule.self,
      MetricSuffixRule.self,
      MetricNameClashRule.self,
      MetricUnitRule.self,
      BaseUnitRule.self,
      MetricNameStyleRule.self,
      MetricHelpRule.self,
      TypeKeysRule.self,
      LabelNameRule.self,
      LabelBoundRule.self,
      LabelValuesRule.self,
      LabelFoldingRule.self,
      UndeclaredLabelRule.self,
      DuplicateLabelRule.self,
      SeriesCountRule.self,
      BucketsRule.self,
      DefaultBucketsRule.self,
      QuantilesRule.self,
      StatesRule.self,
      AllowRule.self,
      PatternRule.self,
      FormatKeysRule.self,
      UnknownFieldRule.self,
      CaptureUnusedRule.self,
      UndeclaredMetricRule.self,
      TargetLabelRule.self,
      ClosedValueRule.self,
      SettledLabelsRule.self,
      CaptureReferenceRule.self,
      TargetActionRule.self,
      ReadingRule.self,
      SourceNameRule.self,
    ]
  }

  /// What each rule calls its mistakes, and catalogs that have or lack them.
  package static var examples: [(ids: [RuleID], examples: RuleExamples)] {
    all.map { ($0.ids, $0.examples) }
  }
}
