internal import Diagnostics

/// What a comparison reports of the version that it compares with. None of them lets a check pass by mistake.
package enum ReferenceID {
  package static let unresolved = RuleID(
    "reference/unresolved",
    .error,
    "the version to compare with cannot be read: a git commit or a file that is not there",
    why: "Nothing was compared. A check that passed without comparing would let every change through.",
    remedy: """
      The message has the command that mends it. CI systems fetch only the newest commit of one branch: fetch the branch \
      that is compared with, too.
      """,
    triggers: "$ training-exporter validate --against git:no-such-branch"
  )
  package static let unreachable = RuleID(
    "reference/unreachable",
    .error,
    "the URL of the version to compare with does not answer",
    why: "Nothing was compared. A check that passed without comparing would let every change through.",
    remedy: """
      Try the URL with `curl`. A certificate of an authority of your own needs `--against.ca-file`. The exporter has to \
      answer within 10 s.
      """,
    triggers: "$ training-exporter validate --against http://127.0.0.1:1"
  )
  package static let refused = RuleID(
    "reference/refused",
    .error,
    "the URL of the version to compare with answers with something else than a catalog",
    why: "Nothing was compared. A check that passed without comparing would let every change through.",
    remedy: """
      With 401, give `--against.user` and `--against.password-file`. With 404, the exporter is older than `/-/catalog`, or \
      behind a path of a proxy. A redirect is not followed: give the URL that it leads to.
      """,
    triggers: "$ training-exporter validate --against https://example.org/nothing"
  )
  package static let invalid = RuleID(
    "reference/invalid",
    .error,
    "the version to compare with is itself no valid catalog",
    why: "Nothing was compared, since nobody can say what a catalog with errors means.",
    remedy: "Mend it there first, or compare with another version, such as that of the last release.",
    triggers: """
      metrics: { loss: { type: gauge } }
      ---
      metrics: { loss: { type: gauge, help: Loss } }
      """
  )
  package static let absent = RuleID(
    "reference/absent",
    .note,
    "the catalog does not exist in the version to compare with: it is new",
    why: "Nobody can query the metrics of a catalog that was not there, so nothing can break.",
    remedy: """
      If the file has only moved, give its former path: `git:main:old/metrics.yaml`. Otherwise nothing has to be done.
      """,
    triggers: "$ training-exporter validate --against git:the-commit-before-the-catalog-was-added"
  )

  package static let all = [unresolved, unreachable, refused, invalid, absent]
}
