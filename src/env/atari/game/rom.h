// Where the ROMs of games are. They are not ours to ship: they come with ale-py, installed or as
// its wheel, or lie in $ALE_ROMS_DIR.
#ifndef UP_ENV_ATARI_ROM_H
#define UP_ENV_ATARI_ROM_H

#include "env/atari/game/games.h"

enum { UP__ROM_MAX = 65536 };

// Reads the ROM of a game, all game->rom_size bytes of it, and checks its digest. What is missing
// or damaged is UP_NOT_FOUND, and the message says how to get it.
UpStatus up__rom_read(uint8_t rom[UP__ROM_MAX], const UpAtariGame *game);

#endif
