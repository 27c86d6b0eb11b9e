package io.matriarch.cli.terminal;

/** What a colour says. The text says it too. */
public enum Tone {
    PLAIN(""),
    STRONG("1"),
    FAINT("2"),
    GOOD("32"),
    CAUTION("33"),
    BAD("31");

    private final String code;

    Tone(String code) {
        this.code = code;
    }

    String paint(String text) {
        return code.isEmpty() || text.isEmpty()
                ? text
                : "\u001b[" + code + "m" + text + "\u001b[0m";
    }
}
