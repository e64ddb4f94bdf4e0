using System.CommandLine;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.CommandLine;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Service;

/// <summary><c>dispatcher serve</c>.</summary>
internal static class ServeCommand
{
    private const string PolicyValue = "POLICY";

    public static Command Create()
    {
        ServiceOptions service = new();
        Option<string> policy = new("--policy") { Description = $"How calls get their VM, one of {string.Join(", ", PolicyCatalog.Names)}", HelpName = PolicyValue, DefaultValueFactory = _ => ExpectedCompletionTimePolicy.PolicyName };
        policy.AcceptOnlyFromAmong([.. PolicyCatalog.Names]);
        Option<string?> trial = new("--trial") { Description = "Policy that decides about a share of the calls", HelpName = PolicyValue };
        trial.AcceptOnlyFromAmong([.. PolicyCatalog.Names]);
        Option<double> trialShare = CommonOptions.Double("--trial-share", "Share of the calls that --trial decides about", .05, 0, 1);
        Option<string[]> shadows = new("--shadow") { Description = "Policies that say of every call what they would do, without acting", HelpName = PolicyValue, AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        shadows.AcceptOnlyFromAmong([.. PolicyCatalog.Names]);
        Option<bool> shadowPrediction = new("--shadow-prediction") { Description = $"Read {Topics.VmPredictionsShadow.Name} (of the first of 'predictor models shadow') too, and score it on live traffic without acting on it" };
        FleetOptions fleet = new();
        Option<int> seed = CommonOptions.Int("--seed", "Seed of samples and ties; the same for all instances", 1, 0, int.MaxValue);
        Option<double> keepAlive = CommonOptions.Double("--keep-alive", "Minutes that an idle container stays warm", fleet.KeepAlive.TotalMinutes, 0, 1440);
        Option<double> lambda = CommonOptions.Double("--lambda", "Weight of the risk that a VM gets busy during the call", 1, 0, 1000);
        Option<double> misses = CommonOptions.Double("--deadline-misses", "Reject a call for its deadline when this share of its function's calls would miss it; 0: when its expected cost is beyond it", new PolicyOptions().DeadlineMisses, 0, .99);
        Option<double> keepWarm = CommonOptions.Double("--keep-warm", "Weight of the cold starts that others will have because their idle containers give way", new PolicyOptions().KeepWarm, 0, 1000);
        Option<int> samples = CommonOptions.Int("--samples", "VMs looked at besides those where the function is warm", 4, 1, 1000);
        Option<int> predictionSteps = CommonOptions.Int("--prediction-steps", "Steps after which a prediction is too old", fleet.PredictionSteps, 1, 1000);
        Option<double> callTimeout = CommonOptions.Double("--call-timeout", "Minutes after which a call without completion is given up", fleet.CallTimeout.TotalMinutes, 1, 1440);
        Option<bool> noFeedback = new("--no-feedback") { Description = "Do not let completions correct what is predicted of a VM's capacity" };
        Option<double> vmTimeout = CommonOptions.Double("--vm-timeout", "Minutes of silence after which a VM gets no calls", fleet.VmTimeout.TotalMinutes, 1, 1440);
        Option<int> attempts = CommonOptions.Int("--attempts", "How often a call is tried at most when it fails or its VM is lost", fleet.Attempts, 1, 100);
        Option<bool> retryTimedOut = new("--retry-timed-out") { Description = "Tries calls again that nothing was heard of; they may run twice" };
        Command command = new("serve", "Routes invocations to VMs until it is stopped.");
        service.AddTo(command);
        foreach (Option option in new Option[] { policy, trial, trialShare, shadows, shadowPrediction, seed, keepAlive, lambda, misses, keepWarm, samples, predictionSteps, callTimeout, vmTimeout, noFeedback, attempts, retryTimedOut }) command.Add(option);
        command.SetAction((parsed, cancel) =>
        {
            DispatcherOptions options = new()
            {
                Policy = parsed.GetValue(policy)!,
                Trial = parsed.GetValue(trial),
                TrialShare = parsed.GetValue(trialShare),
                Shadows = [.. parsed.GetValue(shadows)!.Distinct()],
                Seed = (ulong)parsed.GetValue(seed),
                Policies = new PolicyOptions { Lambda = parsed.GetValue(lambda), DeadlineMisses = parsed.GetValue(misses), KeepWarm = parsed.GetValue(keepWarm), Samples = parsed.GetValue(samples) },
                Fleet = new FleetOptions
                {
                    KeepAlive = TimeSpan.FromMinutes(parsed.GetValue(keepAlive)),
                    PredictionSteps = parsed.GetValue(predictionSteps),
                    CallTimeout = TimeSpan.FromMinutes(parsed.GetValue(callTimeout)),
                    VmTimeout = TimeSpan.FromMinutes(parsed.GetValue(vmTimeout)),
                    Attempts = parsed.GetValue(attempts),
                    RetryTimedOut = parsed.GetValue(retryTimedOut),
                    ShadowPrediction = parsed.GetValue(shadowPrediction),
                    LiveFeedback = !parsed.GetValue(noFeedback),
                },
            };
            return DispatcherService.RunAsync(service, parsed, DispatcherTopology.Create(options), cancel);
        });
        return command;
    }
}
