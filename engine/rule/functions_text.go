package rule

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

func length(args []any) (any, error) {
	if s, ok := args[0].(string); ok {
		return utf8.RuneCountInString(s), nil
	}
	return size(args[0]), nil
}

func toText(args []any) (any, error) {
	if k := kindOf(args[0]); k == list || k == mapping || k == record {
		return toJSON(args)
	}
	return formatValue(args[0]), nil
}

func typeName(args []any) (any, error) { return kindOf(args[0]).word(), nil }

// inCharacters is a byte offset in s as a number of characters; -1 stays.
func inCharacters(s string, offset int) int {
	if offset < 0 {
		return offset
	}
	return utf8.RuneCountInString(s[:offset])
}

func trim(args []any) (any, error) {
	if len(args) == 1 {
		return strings.TrimSpace(args[0].(string)), nil
	}
	return strings.Trim(args[0].(string), args[1].(string)), nil
}

func splitter(split func(s, separator string, n int) []string) func([]any) (any, error) {
	return func(args []any) (any, error) {
		s, separator, n := args[0].(string), args[1].(string), -1
		if len(args) == 3 {
			var err error
			if n, err = whole(args[2]); err != nil {
				return nil, err
			}
		}
		if n < 0 && strings.Count(s, separator) > maxList {
			return nil, errLongList
		}
		return split(s, separator, min(n, maxList)), nil
	}
}

func replace(args []any) (any, error) {
	s, old, new, n := args[0].(string), args[1].(string), args[2].(string), -1
	if len(args) == 4 {
		var err error
		if n, err = whole(args[3]); err != nil {
			return nil, err
		}
	}
	if len(s)+strings.Count(s, old)*max(0, len(new)-len(old)) > maxText {
		return nil, errLong
	}
	return strings.Replace(s, old, new, n), nil
}

func join(args []any) (any, error) {
	glue := ""
	if len(args) == 2 {
		glue = args[1].(string)
	}
	var b strings.Builder
	for i, e := range asList(args[0]) {
		e = plain(e)
		s, ok := e.(string)
		if !ok {
			return nil, errors.New("the list holds " + kindOf(e).found() + ", not only strings")
		}
		if i > 0 {
			b.WriteString(glue)
		}
		b.WriteString(s)
		if b.Len() > maxText {
			return nil, errLong
		}
	}
	return b.String(), nil
}

func toJSON(args []any) (any, error) {
	b, err := toJSONText(args[0], maxText)
	return string(b), err
}

func fromJSON(args []any) (any, error) {
	var v any
	if err := json.Unmarshal([]byte(args[0].(string)), &v); err != nil {
		return nil, errors.New("this is not JSON")
	}
	return v, nil
}

func toBase64(args []any) (any, error) {
	return base64.StdEncoding.EncodeToString([]byte(args[0].(string))), nil
}

func fromBase64(args []any) (any, error) {
	b, err := base64.StdEncoding.DecodeString(args[0].(string))
	if err != nil {
		return nil, errors.New("this is not base64")
	}
	return string(b), nil
}
