// Package jsonvalue reads JSON into what rules work with.
package jsonvalue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Parse returns text as a value that rules can read: nil, bool, string, int where
// a number is whole and fits, float64 else, []any and map[string]any. Text that is
// anything but one JSON value is an error; so is one that is nested more than
// 10,000 deep. The value takes up to about 30 times the text's memory.
func Parse(text []byte) (any, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("it is empty")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, reword(err)
	}
	if rest := bytes.TrimSpace(text[d.InputOffset():]); len(rest) > 0 {
		return nil, fmt.Errorf("more follows after the first value, at byte %d", len(text)-len(rest))
	}
	return numbers(v), nil
}

func reword(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it ends too early")
	case strings.Contains(err.Error(), "exceeded max depth"):
		return errors.New("it is nested more than 10,000 deep")
	}
	return err
}

// numbers replaces every json.Number, in place where it is inside another value.
func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		return number(string(v))
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k, e := range v {
			switch e.(type) {
			case json.Number, []any, map[string]any:
				v[k] = numbers(e)
			}
		}
	}
	return v
}

func number(s string) any {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	f, _ := strconv.ParseFloat(s, 64) // out of range is ±Inf, as a rule sees 1/0
	return f
}
