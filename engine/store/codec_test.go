package store

import (
	"bytes"
	"math"
	"slices"
	"testing"
	"time"

	"polyhealth/engine"

	"pgregory.net/rapid"
)

func TestResultCode(t *testing.T) {
	for _, c := range []struct {
		status        engine.Status
		latency, want time.Duration
	}{
		{engine.Unknown, 0, 0},
		{engine.Healthy, -time.Second, 0},
		{engine.Healthy, 499, 0},
		{engine.Degraded, 500, time.Microsecond},
		{engine.Unhealthy, 1023 * time.Microsecond, 1023 * time.Microsecond},
		{engine.Healthy, 1024 * time.Microsecond, 1020 * time.Microsecond},
		{engine.Healthy, 35_249 * time.Microsecond, 35_200 * time.Microsecond},
		{engine.Healthy, 35_250 * time.Microsecond, 35_300 * time.Microsecond},
		{engine.Unhealthy, 10 * time.Second, 10 * time.Second},
		{engine.Healthy, 90 * 24 * time.Hour, 7780000 * time.Second},
	} {
		status, latency := decodeResult(encodeResult(c.status, c.latency))
		if status != c.status || latency != c.want {
			t.Errorf("%s in %s comes back as %s in %s, want %s", c.status, c.latency, status, latency, c.want)
		}
	}
}

func TestResultCodeKeepsThreeDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		status := engine.Status(rapid.IntRange(0, 3).Draw(t, "status"))
		latency := time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "latency"))
		gotStatus, got := decodeResult(encodeResult(status, latency))
		if gotStatus != status {
			t.Fatalf("status %s came back as %s", status, gotStatus)
		}
		off := math.Abs(float64(got) - float64(latency))
		if off > math.Max(500, 0.005*float64(latency)) {
			t.Fatalf("latency %d came back as %d", latency, got)
		}
	})
}

// drawPoints are points in the order in which a blob holds them.
func drawPoints(t *rapid.T) []point {
	points := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) point {
		return point{
			check: rapid.Uint32().Draw(t, "check"),
			at:    rapid.Int64Range(-1<<50, 1<<50).Draw(t, "at"),
			code:  rapid.Uint16().Draw(t, "code"),
		}
	}), 0, 100).Draw(t, "points")
	slices.SortFunc(points, func(a, b point) int {
		if a.check != b.check {
			return int(int64(a.check) - int64(b.check))
		}
		return int(a.at - b.at)
	})
	return points
}

func TestPointsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := drawPoints(t)
		base := rapid.Int64Range(-1<<50, 1<<50).Draw(t, "base")
		var got []point
		err := eachPoint(appendPoints(nil, points, base), base, func(p point) bool {
			got = append(got, p)
			return true
		})
		if err != nil || !slices.Equal(got, points) {
			t.Fatalf("%v came back as %v (%v)", points, got, err)
		}
	})
}

func TestBlobsThatAreNone(t *testing.T) {
	good := appendPoints(nil, []point{{300, 1_700_000_000_000, 0x1234}}, 1_700_000_000_001)
	for cut := 1; cut < len(good); cut++ {
		if cut == 1 {
			continue // a blob without points is one
		}
		if err := eachPoint(good[:cut], 0, func(point) bool { return true }); err == nil {
			t.Errorf("a blob cut to %d bytes was read", cut)
		}
	}
	for _, blob := range [][]byte{nil, {}, {0}, {2, 1, 1, 1, 1}, bytes.Repeat([]byte{0xff}, 40)} {
		if err := eachPoint(blob, 0, func(point) bool { return true }); err == nil {
			t.Errorf("%v was read", blob)
		}
	}
}

// No bytes, from wherever, may panic the reader or yield more than they hold.
func FuzzEachPoint(f *testing.F) {
	f.Add(appendPoints(nil, []point{{1, 5, 7}, {1, 9, 8}, {300, 2, 1}}, 3))
	f.Add([]byte{blobVersion, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 0, 0, 1, 1, 0, 0})
	f.Fuzz(func(t *testing.T, blob []byte) {
		n := 0
		err := eachPoint(blob, 0, func(p point) bool {
			n++
			p.result()
			return true
		})
		if n > len(blob)/4 {
			t.Fatalf("%d points from %d bytes", n, len(blob))
		}
		if err == nil && n == 0 && len(blob) > 1 {
			t.Fatalf("%v holds nothing and is no error", blob)
		}
	})
}
