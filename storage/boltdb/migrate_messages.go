package boltdb

import (
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"
)

// version6 keeps how far the handling of a message has come, where the versions before kept only that it was seen: what
// they saw is taken for done, since they never looked back.
func version6(btx *bbolt.Tx) error {
	for _, name := range []string{"messages", "message_open", "cursors"} {
		if _, err := btx.CreateBucket([]byte(name)); err != nil {
			return fmt.Errorf("making bucket %q: %w", name, err)
		}
	}
	messages := btx.Bucket([]byte("messages"))
	err := btx.Bucket([]byte("seen")).ForEach(func(ref, at []byte) error {
		value, err := json.Marshal(map[string]any{
			"ref": string(ref), "at": json.RawMessage(at), "seen_at": json.RawMessage(at), "state": "done",
		})
		if err != nil {
			return err
		}
		return messages.Put(ref, value)
	})
	if err != nil {
		return fmt.Errorf("carrying over the messages seen: %w", err)
	}
	return btx.DeleteBucket([]byte("seen"))
}
