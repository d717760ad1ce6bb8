package bot

import (
	"errors"
	"sync"
)

// ErrBusy is returned when more work waits than the bot takes.
var ErrBusy = errors.New("too much is waiting already")

// lanes runs work in order for one key and at once for different keys, with a bound on how much waits in all.
type lanes struct {
	max   int
	slots chan struct{} // how many run at once

	mu      sync.Mutex
	waiting int
	queues  map[string][]func()
	closed  bool
	wg      sync.WaitGroup
}

func newLanes(running, max int) *lanes {
	return &lanes{max: max, slots: make(chan struct{}, running), queues: map[string][]func(){}}
}

// do queues f behind what waits for key. It returns ErrBusy past the bound or after close.
func (l *lanes) do(key string, f func()) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.waiting >= l.max {
		return ErrBusy
	}
	l.waiting++
	queue, running := l.queues[key]
	l.queues[key] = append(queue, f)
	if !running {
		l.wg.Add(1)
		go l.drain(key)
	}
	return nil
}

func (l *lanes) drain(key string) {
	defer l.wg.Done()
	for {
		l.mu.Lock()
		queue := l.queues[key]
		if len(queue) == 0 {
			delete(l.queues, key)
			l.mu.Unlock()
			return
		}
		f := queue[0]
		l.queues[key] = queue[1:]
		l.mu.Unlock()

		l.slots <- struct{}{}
		f()
		<-l.slots

		l.mu.Lock()
		l.waiting--
		l.mu.Unlock()
	}
}

// close refuses new work and waits for what was taken.
func (l *lanes) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.wg.Wait()
}
