/// Words of other tools and formats for what the catalog calls otherwise.
enum Synonyms {
  /// What somebody who writes `word` means, of the words that are possible there.
  static func meaning(of word: String, among possible: [String]) -> String? {
    (words[word.lowercased()] ?? []).first { possible.contains($0) }
  }

  private static let words: [String: [String]] = [
    "description": ["help"], "desc": ["help"], "doc": ["help"], "documentation": ["help"], "comment": ["help", "why"],
    "kind": ["type", "from"], "metric_type": ["type"], "tags": ["labels"], "label_names": ["labels"],
    "dimensions": ["labels"], "bounds": ["buckets"], "boundaries": ["buckets"], "objectives": ["quantiles"],
    "percentiles": ["quantiles"], "const_labels": ["constant"], "constant_labels": ["constant"],
    "enum": ["states", "values"],
    "ignore": ["allow", "exclude"], "disable": ["allow"], "waive": ["allow"], "ttl": ["expire_after"],
    "expires": ["expire_after"], "expiry": ["expire_after"], "limit": ["max_series", "max_values"],
    "cardinality": ["max_values", "max_series"], "max": ["max_values", "max_series", "higher"], "allowed": ["values"],
    "default": ["otherwise"], "fallback": ["otherwise"], "other": ["otherwise"], "rename": ["named"],
    "aliases": ["named"], "mapping": ["named", "fields", "readings"], "path": ["files"], "paths": ["files"],
    "glob": ["files"], "globs": ["files"], "source": ["files"], "sources": ["files", "watchers"], "parser": ["format"],
    "columns": ["fields"], "metrics": ["fields", "readings"], "targets": ["fields"], "map": ["fields", "readings"],
    "mappings": ["fields", "readings"], "values": ["fields"], "delimiter": ["separator"], "sep": ["separator"],
    "header": ["columns"], "names": ["columns"], "regex": ["lines"], "pattern": ["lines", "files"],
    "patterns": ["lines", "files"], "match": ["lines", "where", "process"], "filter": ["where"], "if": ["where"],
    "when": ["where"], "condition": ["where"], "conditions": ["where"], "per_record": ["each_record"],
    "each_row": ["each_record"], "count": ["each_record"], "max_age": ["ignore_older"], "multiply": ["scale"],
    "factor": ["scale"], "add": ["offset"], "mode": ["from", "better"], "name": ["metric"],
    "scrape_interval": ["interval"], "every": ["interval"], "period": ["interval"], "reason": ["why"], "rule": ["id"],
    "inputs": ["watchers"],
    "logs": ["watchers"], "files": ["watchers"], "gauges": ["metrics"], "counters": ["metrics"],
    "group_by": ["by"], "labels": ["by"], "iteration": ["step"], "iter": ["step"], "global_step": ["step"],
    "max_steps": ["steps"], "total_steps": ["steps"], "num_steps": ["steps"], "max_epochs": ["epochs"],
    "total_epochs": ["epochs"], "num_epochs": ["epochs"], "direction": ["better"], "timestamp": ["time"],
    "done": ["finished"], "completed": ["finished"], "error": ["failed"], "failure": ["failed"],
    "processes": ["process"], "command_line": ["process"], "training": ["run"],
    // Values.
    "untyped": ["gauge"], "unknown": ["gauge"], "number": ["gauge"], "cumulative": ["running_total"],
    "total": ["running_total"], "delta": ["difference"], "increment": ["count"], "ndjson": ["jsonl"],
    "json_lines": ["jsonl"], "log": ["text"], "plain": ["text"], "console": ["text"], "tsv": ["csv"], "yml": ["yaml"],
    "dict": ["pydict"], "python": ["pydict"], "lru": ["oldest"], "fifo": ["oldest"],
    "maximize": ["higher"], "min": ["lower"], "minimize": ["lower"],
  ]
}
