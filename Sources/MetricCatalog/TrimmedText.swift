/// The text without the blanks, TABs and line ends around it, which count neither in label values nor in conditions.
package func trimmed(_ text: String) -> String {
  let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
  guard text.first.map(isBlank) == true || text.last.map(isBlank) == true else { return text }
  var slice = text[...]
  while let first = slice.first, isBlank(first) { slice.removeFirst() }
  while let last = slice.last, isBlank(last) { slice.removeLast() }
  return String(slice)
}
