package schema

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// shown is how many characters of a value a message cites.
const shown = 60

// quote cites a text in a message. What is cut off is no longer known as a
// secret's part, so that is looked for before.
func (r *Reader) quote(text string) string { return strconv.Quote(r.short(text)) }

func (r *Reader) short(text string) string {
	text = r.Secrets.Redact(text)
	if utf8.RuneCountInString(text) <= shown {
		return text
	}
	return text[:byteOf(text, shown-1)] + "…"
}

// Found is what stands at a node, for messages: a list, the text "x", nothing.
func (r *Reader) Found(n *Node) string {
	switch n.Kind {
	case Map, List:
		return "a " + string(n.Kind)
	case Null:
		return "nothing"
	case Int, Float:
		return "the number " + r.short(n.Value)
	case Bool:
		return n.Value
	}
	return "the text " + r.quote(n.Value)
}

// label is what messages call a value: the last step of its path, with the key of
// the list that it stands in.
func (r *Reader) label(n *Node) string {
	last, from := n.Path, 0
	for i := 0; i < len(n.Path); {
		switch quoted, err := strconv.QuotedPrefix(n.Path[i+1:]); {
		case n.Path[i] == '[' && err == nil:
			last = quoted
			from = i + 1
			i += len(quoted) + 2
		case n.Path[i] == '[':
			i += strings.IndexByte(n.Path[i:], ']') + 1
			last = strings.Replace(n.Path[from:i], `"]`, `"`, 1)
		default:
			if n.Path[i] == '.' {
				i++
			}
			from = i
			i += len(upTo(n.Path[i:], ".["))
			last = n.Path[from:i]
		}
	}
	if last == "" {
		return "the file"
	}
	return r.short(last)
}

func (n *Node) isScalar() bool { return n.Kind != Map && n.Kind != List }
