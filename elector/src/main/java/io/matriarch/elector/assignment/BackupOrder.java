package io.matriarch.elector.assignment;

import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Kind;
import io.matriarch.elector.situation.Request.Progress;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request for a base backup on its way from member to member. Who holds it stands in {@link
 * Request#member()}; each step is written to ZooKeeper on the condition that nobody has written
 * since, so it is held by one member at most.
 */
public record BackupOrder(Request request) {

    /** The argument that says from whom. */
    public static final String FROM = "from";

    /** How often a backup is begun for one request before it has failed. */
    public static final int MOST_BEGINNINGS = 4;

    private static final String TRIED = "tried";
    private static final String BEGUN = "begun";

    public BackupOrder {
        if (request.kind() != Kind.BACKUP) {
            throw new IllegalArgumentException(
                    "request: " + request.kind() + " (expected: " + Kind.BACKUP + ")");
        }
    }

    /** The oldest that is not over: one is served after the other. */
    public static Optional<BackupOrder> first(List<Request> requests) {
        return open(requests).findFirst();
    }

    /** Those whose turn comes later. */
    static Stream<BackupOrder> later(List<Request> requests) {
        return open(requests).skip(1);
    }

    private static Stream<BackupOrder> open(List<Request> requests) {
        return requests.stream()
                .filter(request -> request.kind() == Kind.BACKUP && !request.isOver())
                .map(BackupOrder::new);
    }

    /** The one that a member is to serve now, or is serving. */
    public static Optional<BackupOrder> of(List<Request> requests, MemberName member) {
        return first(requests).filter(order -> member.equals(order.holder()));
    }

    public @Nullable MemberName holder() {
        return request.member();
    }

    /**
     * From whom it is to be taken.
     *
     * @throws IllegalArgumentException if the request says something else than a member or a role
     */
    public BackupOrigin origin() {
        return BackupOrigin.parse(request.arguments().getOrDefault(FROM, "any"));
    }

    /** Who has failed already. */
    public Set<MemberName> tried() {
        return Arrays.stream(request.arguments().getOrDefault(TRIED, "").split(",", -1))
                .filter(name -> !name.isEmpty())
                .map(MemberName::parse)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    public int beginnings() {
        return Integer.parseInt(request.arguments().getOrDefault(BEGUN, "0"));
    }

    /** Handed to a member, who has not begun. */
    public BackupOrder assignedTo(MemberName member, String reason) {
        return of(member, request.arguments(), Progress.PENDING, member + " takes it: " + reason);
    }

    /** The holder has begun, or begun again. */
    public BackupOrder begun() {
        String text = "base backup is taken from " + request.member();
        return of(
                request.member(),
                with(BEGUN, Integer.toString(beginnings() + 1)),
                Progress.RUNNING,
                text);
    }

    /** The holder has failed, or is gone: somebody else may try. */
    public BackupOrder handedBack(MemberName holder, String why) {
        Set<MemberName> failed = tried();
        failed.add(holder);
        String names = failed.stream().map(MemberName::value).collect(Collectors.joining(","));
        return of(null, with(TRIED, names), Progress.PENDING, why);
    }

    public Request failed(String why) {
        return request.now(Progress.FAILED, why, "");
    }

    private Map<String, String> with(String name, String value) {
        Map<String, String> arguments = new LinkedHashMap<>(request.arguments());
        arguments.put(name, value);
        return arguments;
    }

    private BackupOrder of(
            @Nullable MemberName member,
            Map<String, String> arguments,
            Progress progress,
            String message) {
        return new BackupOrder(
                new Request(request.id(), Kind.BACKUP, member, arguments, progress, message, ""));
    }
}
