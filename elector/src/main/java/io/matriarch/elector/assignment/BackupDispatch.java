package io.matriarch.elector.assignment;

import io.matriarch.elector.situation.ClusterView;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.elector.situation.Request;
import io.matriarch.elector.situation.Request.Progress;
import io.matriarch.elector.situation.RunningBackup;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the holder of the authority does next about requests for base backups: it hands each to one
 * member, and to another one if that fails or is gone. It never takes an order away from a member
 * that lives and has begun.
 */
public sealed interface BackupDispatch {

    /** A member that has not begun by then does not know how to, or its sidecar is stuck. */
    Duration BEGIN_PATIENCE = Duration.ofSeconds(30);

    /** Nothing to do now. */
    record Wait(String reason) implements BackupDispatch {}

    /** Write {@code after}, if the request is still {@code before}. */
    record Write(Request before, Request after) implements BackupDispatch {}

    /**
     * Decides.
     *
     * @param requests oldest first
     * @param running what is being taken now
     * @param unchanged how long the oldest open request has been as it is
     */
    static BackupDispatch next(
            List<Request> requests,
            ClusterView view,
            List<RunningBackup> running,
            Duration unchanged) {
        Optional<BackupOrder> first = BackupOrder.first(requests);
        if (first.isEmpty()) {
            return new Wait("nobody has asked for a backup");
        }
        BackupDispatch next = next(first.get(), view, running, unchanged);
        return next instanceof Wait ? tellWhoWaits(requests, first.get(), next) : next;
    }

    private static BackupDispatch tellWhoWaits(
            List<Request> requests, BackupOrder first, BackupDispatch otherwise) {
        String message = "waits: the base backup of request " + first.request().id() + " is first";
        return BackupOrder.later(requests)
                .map(BackupOrder::request)
                .filter(request -> request.progress() == Progress.PENDING)
                .filter(request -> !request.message().equals(message))
                .findFirst()
                .<BackupDispatch>map(
                        request -> new Write(request, request.now(Progress.PENDING, message, "")))
                .orElse(otherwise);
    }

    private static BackupDispatch next(
            BackupOrder order, ClusterView view, List<RunningBackup> running, Duration unchanged) {
        MemberName holder = order.holder();
        if (holder == null) {
            return choose(order, order, view, running);
        }
        if (!view.isLive(holder)) {
            return choose(
                    order,
                    order.handedBack(holder, holder + " is gone in mid-backup"),
                    view,
                    running);
        }
        boolean isIdle =
                order.request().progress() == Progress.PENDING
                        && unchanged.compareTo(BEGIN_PATIENCE) > 0;
        return isIdle
                ? choose(order, order.handedBack(holder, holder + " did not begin"), view, running)
                : new Wait(holder + " has it");
    }

    /**
     * @param now what the request is in ZooKeeper
     * @param open the same without a holder
     */
    private static BackupDispatch choose(
            BackupOrder now, BackupOrder open, ClusterView view, List<RunningBackup> running) {
        Optional<RunningBackup> other =
                running.stream()
                        .filter(it -> !it.request().equals(open.request().id()))
                        .filter(it -> view.isLive(it.member()))
                        .findFirst();
        if (other.isPresent()) {
            return changed(now, open, "a backup runs on " + other.get().member() + " already");
        }
        BackupOrigin origin;
        try {
            origin = open.origin();
        } catch (IllegalArgumentException e) {
            return new Write(now.request(), open.failed(String.valueOf(e.getMessage())));
        }
        return switch (BackupChoice.of(view, origin, open.tried())) {
            case BackupChoice.Chosen(var member, var reason) ->
                    new Write(now.request(), open.assignedTo(member, reason).request());
            case BackupChoice.Nobody(var isFinal, var reason) ->
                    isFinal
                            ? new Write(now.request(), open.failed(outcome(open, reason)))
                            : changed(now, open, reason);
        };
    }

    /**
     * That the holder is gone is written even while nobody else can be chosen, and whoever asked is
     * told what it waits for.
     */
    private static BackupDispatch changed(BackupOrder now, BackupOrder open, String reason) {
        Request told =
                open.tried().isEmpty()
                        ? open.request().now(Progress.PENDING, "waits: " + reason, "")
                        : open.request();
        return told.equals(now.request()) ? new Wait(reason) : new Write(now.request(), told);
    }

    private static String outcome(BackupOrder open, String reason) {
        return open.tried().isEmpty() ? reason : open.request().message() + "; " + reason;
    }
}
