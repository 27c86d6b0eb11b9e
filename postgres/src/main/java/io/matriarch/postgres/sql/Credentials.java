package io.matriarch.postgres.sql;

/** A user and its password, which never shows in a text. */
public record Credentials(String user, String password) {

    @Override
    public String toString() {
        return user;
    }
}
