package boltdb

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"candide/storage"
)

func TestInstant(t *testing.T) {
	moments := rapid.Custom(func(rt *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(rt, "s"), rapid.Int64Range(0, 999_999_999).Draw(rt, "ns"))
	})
	rapid.Check(t, func(rt *rapid.T) {
		a, b := moments.Draw(rt, "a"), moments.Draw(rt, "b")
		if bytes.Compare(instant(a), instant(b)) != a.Compare(b) {
			rt.Fatalf("%v and %v do not sort as their keys do", a, b)
		}
		if got := instantFrom(instantKey(a, "id")); !got.Equal(a) {
			rt.Fatalf("%v comes back as %v", a, got)
		}
	})
	if got := instantFrom(instant(time.Time{})); !got.IsZero() {
		t.Errorf("the zero time comes back as %v", got)
	}
}

// Two different pairs never make the same key, and a key is below its own part only.
func TestUnder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom([]rune{0, 1, 'a', 'é'}), 0, 6, -1)
		a1, a2, b1, b2 := s.Draw(rt, "a1"), s.Draw(rt, "a2"), s.Draw(rt, "b1"), s.Draw(rt, "b2")
		same := a1 == b1 && a2 == b2
		if bytes.Equal(under(a1, []byte(a2)), under(b1, []byte(b2))) != same {
			rt.Fatalf("the keys of (%q, %q) and (%q, %q)", a1, a2, b1, b2)
		}
		if bytes.HasPrefix(under(a1, []byte(a2)), part(b1)) != (a1 == b1) {
			rt.Fatalf("(%q, %q) is below %q", a1, a2, b1)
		}
	})
}

func TestNames(t *testing.T) {
	s := openTest(t, testPath(t))
	long := strings.Repeat("x", maxName)
	if _, _, err := s.SeeMessage(t.Context(), storage.Message{Ref: long}); err != nil {
		t.Errorf("the longest name: %v", err)
	}
	if _, _, err := s.SeeMessage(t.Context(), storage.Message{Ref: long + "x"}); err == nil {
		t.Error("a name too long was taken")
	}
}
