package io.matriarch.sidecar.http;

import io.micronaut.context.annotation.Requires;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import java.util.Optional;

/** Where a primary asks a member to vouch for it, when ZooKeeper is gone. */
@Controller
@Requires(bean = VowAnswers.class)
final class VowController {

    private final VowAnswers answers;

    VowController(VowAnswers answers) {
        this.answers = answers;
    }

    @Post(uri = "/vow", consumes = MediaType.TEXT_PLAIN, produces = MediaType.TEXT_PLAIN)
    String vow(@Body Optional<String> question) {
        return answers.answer(question.orElse(""));
    }
}
