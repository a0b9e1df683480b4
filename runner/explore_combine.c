/* Sums of numbered samples as beginnings; see explore.h. */
#include "runner/explore.h"

bool explore_read_sum(struct exploration *ex, const char *option, const char *text,
                      struct sum *sum) {
    struct session *session = &ex->model->session;
    const struct expression *e = expression_parse_samples(
        text, session_origin(session, option, text), &session->diagnostics);
    return (e && sum_read(e, ex->seed, SAMPLES_MOST, sum, &session->diagnostics)) ||
           session_usage(session);
}

struct beginnings *explore_draw_sum(struct exploration *ex, const struct sum *sum,
                                    struct error *error) {
    struct sample_name names[SUM_MOST];
    for (int i = 0; i < sum->count; i++)
        names[i] = sum->terms[i].name;
    return explore_draw(ex, names, sum->count, error);
}

void explore_add_up(const struct sum *sum, const struct beginnings *from, struct beginnings *to,
                    int64_t i) {
    const struct game_sampler *sampler = from->sampler;
    beginnings_copy(to, i, from, 0);
    for (int l = 0; l < sampler->latents_count; l++) {
        if (sampler->latents[l].type != TYPE_FLOAT32) continue;
        float *out = beginnings_latent(to, l, i);
        for (int64_t k = 0; k < shape_count(sampler->latents[l].shape); k++) {
            double total = 0;
            for (int t = 0; t < sum->count; t++)
                total += sum->terms[t].factor *
                         (double)((const float *)beginnings_latent(from, l, t))[k];
            out[k] = (float)total;
        }
    }
}
