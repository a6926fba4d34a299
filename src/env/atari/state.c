// Saved games of a batch: consoles, Gymnasium's streams and what the screens know of the last
// frames, as arrays that every native environment registers; then the frames of the difference.
#include <string.h>

#include "env/atari/internal.h"

size_t up__atari_state_size(const UpEnv *env) {
    const UpAtariEnv *self = up__atari_of(env);
    return up__native_state_size(env) +
           (self->pong80 ? up__pong80_state_size(&self->difference) : 0);
}

void up__atari_state_save(const UpEnv *env, void *bytes) {
    const UpAtariEnv *self = up__atari_of(env);
    for (int i = 0; i < env->instances; i++)
        up__atari_console_notes(&self->screen[i], &self->notes[i]);
    up__native_state_save(env, bytes);
    if (self->pong80)
        up__pong80_state_save(&self->difference, (char *)bytes + up__native_state_size(env));
}

UpStatus up__atari_state_load(UpEnv *env, const void *bytes, size_t size) {
    UpAtariEnv *self = up__atari_of(env);
    size_t natives = up__native_state_size(env);
    if (size != up__atari_state_size(env))
        return up_fail(UP_MISMATCH,
                       "%s: a saved state of %d instances has %zu bytes, this one has %zu",
                       env->spec.id, env->instances, up__atari_state_size(env), size);
    UP_TRY(up__native_state_load(env, bytes, natives));
    if (self->pong80) up__pong80_state_load(&self->difference, (const char *)bytes + natives);
    for (int i = 0; i < env->instances; i++) {
        bool fits = up__atari_console_possible(&self->console[i], &self->notes[i], &self->system);
        if (self->loaded[i] && !fits) {
            memset(self->loaded, 0, (size_t)env->instances); // the next reset begins anew
            return up_fail(UP_FORMAT, "%s: the saved state of instance %d is damaged", env->spec.id,
                           i);
        }
        up__atari_console_recall(&self->screen[i], &self->notes[i]);
    }
    return UP_OK;
}
