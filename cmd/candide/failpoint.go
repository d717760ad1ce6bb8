package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"candide/bot"
)

// failpointVariable makes the process kill itself: "posted" the first time that a message or a reminder passes that
// point, "posted:3" the third time. It is for tests of what a crash leaves behind (docs/decisions/0008).
const failpointVariable = "CANDIDE_FAILPOINT"

// failpoint returns what is called at each point; nil where nothing is to happen.
func failpoint(spec string, die func()) (func(bot.Point), error) {
	if spec == "" {
		return nil, nil
	}
	name, count, counted := strings.Cut(spec, ":")
	nth := 1
	var err error
	if counted {
		nth, err = strconv.Atoi(count)
	}
	at := bot.Point(name)
	switch at {
	case bot.PointSeen, bot.PointIntended, bot.PointPosted, bot.PointMarked:
	default:
		err = fmt.Errorf("no such point")
	}
	if err != nil || nth < 1 {
		return nil, usageFault(fmt.Errorf("%s=%q: write seen, intended, posted or marked, and :n for the nth time", failpointVariable, spec))
	}
	var passed atomic.Int64
	return func(p bot.Point) {
		if p == at && passed.Add(1) == int64(nth) {
			die()
		}
	}, nil
}

// kill ends the process as a crash does: nothing is closed, nothing is flushed.
func kill() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
	select {} // the signal comes at once, and nothing may happen before it
}
