/// What the records of a format say of training runs by themselves: taken where `run:` of the catalog says nothing else.
package struct RunWords: Sendable {
  /// A field that has to have a text.
  package struct Mark: Sendable {
    package let field: String
    package let values: [String]

    init(_ field: String, _ values: String...) { (self.field, self.values) = (field, values) }
  }

  /// The field that says when a record was made.
  package var time: String?
  /// The field without which a record does not say that the training goes on, as those of the machine do not.
  package var progress: String?
  /// What says that the run has finished well.
  package var finished: Mark?
  /// What says that it has failed.
  package var failed: Mark?

  package init(time: String? = nil, progress: String? = nil, finished: Mark? = nil, failed: Mark? = nil) {
    (self.time, self.progress, self.finished, self.failed) = (time, progress, finished, failed)
  }
}
