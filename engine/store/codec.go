package store

import (
	"encoding/binary"
	"errors"
	"time"

	"polyhealth/engine"
)

// A point is one result as the journal keeps it: 5 bytes where checks and times
// are near each other.
type point struct {
	check uint32 // its id
	at    int64  // in milliseconds since 1970
	code  uint16 // status and latency
}

// blobVersion begins every blob.
const blobVersion = 1

var errBlob = errors.New("a row of the history cannot be read")

// appendPoints appends the blob of points, which are sorted by check and time.
// Times are relative to base.
func appendPoints(dst []byte, points []point, base int64) []byte {
	dst = append(dst, blobVersion)
	last := uint32(0)
	for _, p := range points {
		dst = binary.AppendUvarint(dst, uint64(p.check-last))
		dst = binary.AppendVarint(dst, p.at-base)
		dst = binary.LittleEndian.AppendUint16(dst, p.code)
		last = p.check
	}
	return dst
}

// eachPoint calls f for every point of a blob, in order, until f returns false.
func eachPoint(blob []byte, base int64, f func(point) bool) error {
	if len(blob) == 0 || blob[0] != blobVersion {
		return errBlob
	}
	blob = blob[1:]
	var p point
	for len(blob) > 0 {
		delta, n := binary.Uvarint(blob)
		if n <= 0 || delta > uint64(^uint32(0)-p.check) {
			return errBlob
		}
		blob = blob[n:]
		at, n := binary.Varint(blob)
		if n <= 0 || len(blob) < n+2 {
			return errBlob
		}
		p.check += uint32(delta)
		p.at = base + at
		p.code = binary.LittleEndian.Uint16(blob[n:])
		blob = blob[n+2:]
		if !f(p) {
			return nil
		}
	}
	return nil
}

// A code holds a status in its upper 2 bits and a latency in the other 14, as
// 10 bits of significant microseconds and 4 of a power of ten: three digits of
// any duration that Go can hold.
const (
	codeDigits  = 10
	codeLatency = 14
)

// encodeResult is a result's code. A negative latency counts as none.
func encodeResult(status engine.Status, latency time.Duration) uint16 {
	nanos, unit, power := uint64(max(latency, 0)), uint64(1000), 0
	for (nanos+unit/2)/unit >= 1<<codeDigits {
		unit *= 10
		power++
	}
	return uint16(status&3)<<codeLatency | uint16(power)<<codeDigits | uint16((nanos+unit/2)/unit)
}

// decodeResult is the inverse of encodeResult, to three digits.
func decodeResult(code uint16) (engine.Status, time.Duration) {
	micros := uint64(code & (1<<codeDigits - 1))
	for power := code >> codeDigits & 15; power > 0; power-- {
		micros *= 10
	}
	const most = uint64(1<<63-1) / 1000
	return engine.Status(code >> codeLatency), time.Duration(min(micros, most) * 1000)
}

// result is the point as the engine knows it.
func (p point) result() engine.Result {
	status, latency := decodeResult(p.code)
	return engine.Result{At: time.UnixMilli(p.at), Status: status, Latency: latency}
}
