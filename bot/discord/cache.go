package discord

import (
	"sync"
	"time"
)

// cache keeps what Discord said for a while. It is bounded: when full, it begins anew.
type cache[T any] struct {
	max int
	ttl time.Duration

	mu    sync.Mutex
	items map[string]cached[T]
}

type cached[T any] struct {
	value T
	until time.Time
}

func newCache[T any](max int, ttl time.Duration) *cache[T] {
	return &cache[T]{max: max, ttl: ttl, items: map[string]cached[T]{}}
}

func (c *cache[T]) get(key string) (T, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	item, ok := c.items[key]
	if !ok || time.Now().After(item.until) {
		var none T
		return none, false
	}
	return item.value, true
}

func (c *cache[T]) put(key string, value T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.items) >= c.max {
		clear(c.items)
	}
	c.items[key] = cached[T]{value, time.Now().Add(c.ttl)}
}

func (c *cache[T]) drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.items, key)
}

// values are all that is still known.
func (c *cache[T]) values() []T {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]T, 0, len(c.items))
	for _, item := range c.items {
		if time.Now().Before(item.until) {
			list = append(list, item.value)
		}
	}
	return list
}
