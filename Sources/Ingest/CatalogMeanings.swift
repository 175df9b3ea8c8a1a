internal import LogFormats
internal import MetricCatalog
internal import MetricModel
internal import PatternSyntax

// What the types of the catalog hold that decide about values. A property that is missing here is found by the tests.

extension MetricDescriptor: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> {
    [
      "name": name, "type": type, "help": help, "unit": unit, "labels": labels, "maxSeries": maxSeries,
      "expireAfter": expireAfter, "deprecated": deprecated, "buckets": buckets, "nativeHistogram": nativeHistogram,
      "quantiles": quantiles, "window": window, "exposesCreated": exposesCreated, "constant": constant,
      "states": states,
    ]
  }
}

extension MetricDescriptor.NativeHistogram: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> { ["factor": factor, "maxBuckets": maxBuckets] }
}

extension MetricDescriptor.ConstantLabel: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> { ["name": name, "value": value] }
}

extension MetricType: MeaningOfCases {
  var meaning: (name: String, values: [any Meaning]) { (rawValue, []) }
}

extension LabelDescriptor: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> {
    [
      "name": name, "help": help, "allowed": allowed, "maxValues": maxValues, "otherwise": otherwise,
      "evictsOldest": evictsOldest, "named": named,
    ]
  }
}

extension LabelDescriptor.AllowedValues: MeaningOfCases {
  var meaning: (name: String, values: [any Meaning]) {
    switch self {
    case .any: ("any", [])
    case .list(let texts): ("list", [texts])
    case .range(let range): ("range", [range])
    }
  }
}

extension Target: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> {
    [
      "metric": metric, "labels": labels, "from": from, "restartsWith": restartsWith, "scale": scale,
      "isReciprocal": isReciprocal, "offset": offset, "pattern": pattern, "exemplar": exemplar,
    ]
  }
}

extension Target.From: MeaningOfCases {
  var meaning: (name: String, values: [any Meaning]) {
    switch self {
    case .value: ("value", [])
    case .runningTotal: ("runningTotal", [])
    case .highest: ("highest", [])
    case .difference: ("difference", [])
    case .count: ("count", [])
    case .time: ("time", [])
    }
  }
}

extension Target.ExemplarLabel: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> { ["name": name, "text": text] }
}

extension LabelText: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> { ["parts": parts] }
}

extension LabelText.Part: MeaningOfCases {
  var meaning: (name: String, values: [any Meaning]) {
    switch self {
    case .literal(let text): ("literal", [text])
    case .fieldCapture(let name): ("fieldCapture", [name])
    case .pathCapture(let name): ("pathCapture", [name])
    case .field(let name): ("field", [name])
    }
  }
}

extension Condition: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> { ["field": field, "test": test] }
}

extension Condition.Test: MeaningOfCases {
  var meaning: (name: String, values: [any Meaning]) {
    switch self {
    case .present: ("present", [])
    case .absent: ("absent", [])
    case .oneOf(let texts): ("oneOf", [texts])
    }
  }
}

extension Pattern: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> { ["source": source, "parts": parts] }
}

extension Pattern.Part: MeaningOfCases {
  var meaning: (name: String, values: [any Meaning]) {
    switch self {
    case .literal(let text): ("literal", [text])
    case .capture(let name): ("capture", [name])
    case .deepCapture(let name): ("deepCapture", [name])
    case .field(let name): ("field", [name])
    }
  }
}

extension LogFormat: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> { ["name": name, "options": options] }
}

extension LogFormat.Option: MeaningOfCases {
  var meaning: (name: String, values: [any Meaning]) {
    switch self {
    case .text(let text): ("text", [text])
    case .fieldNames(let names): ("fieldNames", [names])
    case .pattern(let pattern): ("pattern", [pattern])
    case .lines(let rules): ("lines", [rules])
    case .words(let words): ("words", [words])
    case .duration(let duration): ("duration", [duration])
    }
  }
}

extension LogFormat.LineRule: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> {
    ["line": line, "set": set, "numericCaptures": numericCaptures, "durationCaptures": durationCaptures]
  }
}

extension LogFormat.SetField: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> { ["field": field, "text": text] }
}

extension Catalog.Collector.Option: MeaningOfCases {
  var meaning: (name: String, values: [any Meaning]) {
    switch self {
    case .duration(let duration): ("duration", [duration])
    case .texts(let texts): ("texts", [texts])
    case .matches(let matches): ("matches", [matches])
    }
  }
}

extension Catalog.Collector.Match: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> {
    ["name": name, "commandLine": commandLine, "users": users, "environment": environment, "labels": labels]
  }
}

extension Catalog.Collector.Match.Variable: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> { ["name": name, "pattern": pattern] }
}

extension Catalog.Collector.Match.Label: MeaningOfProperties {
  var meanings: KeyValuePairs<String, any Meaning> { ["name": name, "value": value] }
}
