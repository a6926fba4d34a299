// The files that `uphill new env` writes, compiled into the program from cli/template/.
#ifndef UPHILL_CLI_TEMPLATE_H
#define UPHILL_CLI_TEMPLATE_H

typedef struct CliFile {
    const char *name, *text;
} CliFile;

extern const CliFile cli_template[];
extern const int cli_template_count;

#endif
