package io.matriarch.archiver.retention;

import io.matriarch.archiver.store.ObjectStore;
import io.matriarch.archiver.store.SteppedStore;
import io.matriarch.archiver.store.SteppedStore.Step;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs several actors on one store in every order of their calls that can make a difference: of
 * orders that differ only in which of two calls comes first that have nothing to do with each
 * other, one is run (sleep sets, as model checkers have them). Each order is run from the
 * beginning; the actors must do the same each time.
 */
final class Interleavings {

    /** One who uses the store; what it finds out it keeps for itself. */
    interface Actor {
        void run(ObjectStore store);
    }

    /** A world of its own for each order. */
    interface Scene {

        ObjectStore store();

        List<Actor> actors();

        /** When all actors have ended. */
        void check(List<Integer> order);
    }

    /** Ends an actor whose order turned out to be one that was run already. */
    private static final class Redundant extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** A point at which one of several may go on. */
    private static final class Point {

        private final Map<Integer, Step> next;
        private final Set<Integer> sleeping;
        private int chosen;

        Point(Map<Integer, Step> next, Set<Integer> sleeping) {
            this.next = next;
            this.sleeping = new HashSet<>(sleeping);
            this.chosen = awake().orElse(-1);
        }

        private Optional<Integer> awake() {
            return next.keySet().stream().filter(it -> !sleeping.contains(it)).findFirst();
        }

        private Step step(int actor) {
            return Objects.requireNonNull(next.get(actor));
        }

        /** Those that need not go on after the one chosen, as they could have before it. */
        private Set<Integer> sleepingAfter() {
            Set<Integer> still = new HashSet<>();
            for (int one : sleeping) {
                if (!step(one).conflictsWith(step(chosen))) {
                    still.add(one);
                }
            }
            return still;
        }

        private boolean chooseAnother() {
            sleeping.add(chosen);
            chosen = awake().orElse(-1);
            return chosen >= 0;
        }
    }

    private final class Running {

        private final BlockingQueue<Optional<Step>> wishes = new LinkedBlockingQueue<>();
        private final Semaphore permit = new Semaphore(0);
        private volatile boolean isRedundant;
        private volatile @Nullable Throwable failure;

        Running(Actor actor, ObjectStore store) {
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            actor.run(new SteppedStore(store, this::await));
                        } catch (Redundant ended) {
                            // As asked for.
                        } catch (Throwable e) {
                            failure = e;
                        }
                        wishes.add(Optional.empty());
                    });
        }

        private void await(Step step) {
            if (watched.test(step)) {
                wishes.add(Optional.of(step));
                permit.acquireUninterruptibly();
                if (isRedundant) {
                    throw new Redundant();
                }
            }
        }

        private Optional<Step> nextWish() throws InterruptedException {
            Optional<Step> wish = wishes.take();
            if (failure != null) {
                throw new AssertionError(failure);
            }
            return wish;
        }
    }

    private final Predicate<Step> watched;
    private final List<Point> path = new ArrayList<>();
    private int orders;

    /**
     * @param watched the calls that others may come between; all others are done at once
     */
    Interleavings(Predicate<Step> watched) {
        this.watched = watched;
    }

    /** Runs them all; returns how many there were. */
    int run(Supplier<Scene> scenes) throws InterruptedException {
        do {
            runOne(scenes.get());
        } while (hasAnother());
        return orders;
    }

    private boolean hasAnother() {
        while (!path.isEmpty()) {
            if (path.getLast().chooseAnother()) {
                return true;
            }
            path.removeLast();
        }
        return false;
    }

    private void runOne(Scene scene) throws InterruptedException {
        List<Running> running =
                scene.actors().stream().map(it -> new Running(it, scene.store())).toList();
        Map<Integer, Step> next = new TreeMap<>();
        for (int i = 0; i < running.size(); i++) {
            follow(running, next, i);
        }
        List<Integer> order = new ArrayList<>();
        while (!next.isEmpty()) {
            if (order.size() == path.size()) {
                path.add(new Point(new TreeMap<>(next), sleeping()));
            }
            int chosen = path.get(order.size()).chosen;
            if (chosen < 0) {
                end(running, next.keySet());
                return;
            }
            order.add(chosen);
            running.get(chosen).permit.release();
            follow(running, next, chosen);
        }
        orders++;
        scene.check(order);
    }

    private Set<Integer> sleeping() {
        return path.isEmpty() ? Set.of() : path.getLast().sleepingAfter();
    }

    private static void follow(List<Running> running, Map<Integer, Step> next, int actor)
            throws InterruptedException {
        Optional<Step> wish = running.get(actor).nextWish();
        if (wish.isPresent()) {
            next.put(actor, wish.get());
        } else {
            next.remove(actor);
        }
    }

    private static void end(List<Running> running, Set<Integer> waiting)
            throws InterruptedException {
        for (int actor : waiting) {
            running.get(actor).isRedundant = true;
            running.get(actor).permit.release();
            Optional<Step> _ = running.get(actor).nextWish();
        }
    }
}
