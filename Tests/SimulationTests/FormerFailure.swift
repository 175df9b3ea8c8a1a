import Simulation
import Testing

/// A script on which the exporter, or the model, once was wrong.
struct FormerFailure: CustomTestStringConvertible, Sendable {
  var name: String
  var usesEvents = true
  var script: String

  var testDescription: String { name }

  static let all = [
    FormerFailure(
      name: "a file that cannot be read any more when it is to rest makes turn follow turn",
      script: """
        append 1 2
        turn
        lockdirectory 1
        """
    ),
    FormerFailure(
      name: "a last line is not shown where reading it failed first",
      script: """
        failread 116 3
        append 1 2
        chop 1
        turn
        """
    ),
    FormerFailure(
      name: "a last line that is shown goes when a file with times in the future is read again",
      script: """
        append 1 2
        part 1 76
        jump -3600
        """
    ),
    FormerFailure(
      name: "a last line is not shown where reading it fails when it has rested",
      script: """
        append 2 1
        part 2 78
        wait 31000
        turn
        failread 116 3
        wait 2100
        turn
        """
    ),
    FormerFailure(
      name: "a listing older than the look closes a file that is there, and its last line counts twice",
      usesEvents: false,
      script: """
        append 0 2
        lock
        turn
        rotate
        faillist 5 2
        part 0 96
        append 1 1
        overflow
        turn
        """
    ),
    FormerFailure(
      name: "a log of which nothing was consumed goes along with another's file that has its number",
      usesEvents: false,
      script: """
        part 2 5
        settle
        part 0 85
        wait 31000
        remove 2
        replace 0 2
        """
    ),
    FormerFailure(
      name: "a new file has the number that a file had in a directory that cannot be listed any more",
      script: """
        append 0 1
        append 1 3
        settle
        lockdirectory
        replace 0 5
        rotate 1
        append 1 1
        """
    ),
    FormerFailure(
      name: "a log in a directory that cannot be listed waits for a file that is gone, and another's is never read",
      script: """
        later 22
        lockdirectory 2
        append 1 3
        append 2 2
        part 0 81
        rotate
        turn
        link 2 1
        append 0 1
        """
    ),
    FormerFailure(
      name: "a log that went before it was read, and came back, makes the saved state unreadable",
      script: """
        append 0 3
        lock
        turn
        save
        rotate
        turn
        save
        append 0 2
        turn
        save
        kill
        """
    ),
    FormerFailure(
      name: "the descriptor of a file that was away when it was to rest stays open",
      script: """
        append 1 3
        baseaway
        append 0 2
        link 0 2
        wait 300
        turn
        remove
        wait 31000
        part 2 51
        lose 3
        turn
        link 0 2
        away 2
        """
    ),
    FormerFailure(
      name: "a gauge does not show the last line that counts because its file went",
      script: """
        append 0 2
        turn
        chop
        append 0 1
        append 0 1
        chop
        settle
        baseaway
        """
    ),
    FormerFailure(
      name: "a log that took another name makes the series of its old one newer than the log that has it now",
      script: """
        append 0 3
        turn
        part 2 36
        turn
        remove
        turn
        append 0 1
        """
    ),
    FormerFailure(
      name: "half a line counts whose log was overwritten with what may be a copy of another",
      script: """
        part 1 88
        turn
        bulk 0 10
        copytruncate 1
        part 1 5
        """
    ),
    FormerFailure(
      name: "a byte with which another log begins, too, is taken for the copy of one that is overwritten",
      script: """
        append 0 2
        turn
        part 2 4
        widen
        turn
        part 2 85
        """
    ),
    FormerFailure(
      name: "a log that was away for one look goes along with a byte of another one, and counts twice",
      script: """
        append 0 2
        settle
        part 2 3
        turn
        away
        turn
        back
        """
    ),
    FormerFailure(
      name: "a log that cannot be read goes along with half a header, and drives out the history of that name",
      script: """
        append 1 1
        link 1 1
        append 2 2
        append 1 3
        turn
        rotate 1
        settle
        part 1 38
        turn
        failread 116 3
        copy 2
        turn
        link 1 1
        """
    ),
    FormerFailure(
      name: "the descriptor of a file that was replaced stays open where its directory can never be listed again",
      script: """
        append 2 2
        turn
        faillist 24 2
        faillist 13 3
        copy 2
        wait 31000
        turn
        lockdirectory 2
        """
    ),
    FormerFailure(
      name: "the descriptor of a file that was replaced as it came to rest stays open",
      script: """
        part 1 38
        append 0 1
        settle
        faillist 13 2
        append 1 2
        turn
        wait 2100
        copy 1
        turn
        lockdirectory 1
        """
    ),
    FormerFailure(
      name: "a state has no beginning of a log that could not be read, went, and came back",
      script: """
        append 0 1
        lock 0
        turn
        save
        remove 0
        wait 300
        turn
        save
        append 0 2
        turn
        save
        kill
        """
    ),
    FormerFailure(
      name: "a log that is written again while it is read shows a row in its middle",
      script: """
        part 1 61
        append 1 3
        append 0 3
        turn
        later 16
        pad 1
        widen 1
        append 0 2
        """
    ),
    FormerFailure(
      name: "the number of a log whose folder cannot be searched any more is claimed, before its listing fails",
      script: """
        append 1 3
        settle
        append 2 1
        faillist 116 3
        copy 1
        lockdirectory 1
        replace 2 4
        overflow
        turn
        """
    ),
    FormerFailure(
      name: "a log that left the patterns and cannot be read counts as failing for ever",
      script: """
        append 0 2
        turn
        lock
        failread 116 2
        rotate
        turn
        """
    ),
    FormerFailure(
      name: "a log of which the header was read shows a row in its middle when it is written again meanwhile",
      script: """
        append 0 2
        turn
        rotate
        part 0 99
        turn
        later 3
        rerun 0 1
        append 0 3
        append 0 2
        """
    ),
  ]
}
