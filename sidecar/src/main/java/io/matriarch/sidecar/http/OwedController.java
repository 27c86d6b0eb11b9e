package io.matriarch.sidecar.http;

import io.micronaut.context.annotation.Requires;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.Optional;

/** Where an ambassador asks a primary which sessions may be ended. */
@Controller
@Requires(bean = OwedAnswers.class)
final class OwedController {

    private final OwedAnswers answers;

    OwedController(OwedAnswers answers) {
        this.answers = answers;
    }

    @Post(uri = "/owed", consumes = MediaType.TEXT_PLAIN, produces = MediaType.TEXT_PLAIN)
    @ExecuteOn(TaskExecutors.BLOCKING)
    String owed(@Body Optional<String> question) {
        return answers.answer(question.orElse(""));
    }
}
