import { defaults } from '../resources/defaults.ts'
import { apiGroup, apiVersionName, plurals, requestedByAnnotation } from '../resources/group.ts'

const decisions = plurals.ReviewDecision
const schedules = plurals.MetadataSchedule
const runs = plurals.MetadataRun

/** Whoever asks may write to the databases of the namespace: one verb, whichever object asks for the writing. */
const mayApply = `authorizer.group('${apiGroup}').resource('${decisions}').namespace(request.namespace).check('apply').allowed()`

interface PolicyRule {
  readonly expression: string
  readonly message: string
  readonly messageExpression?: string
  readonly reason: 'Forbidden' | 'Invalid'
}

/** ValidatingAdmissionPolicies with their bindings: what depends on who asks or on the time, which a schema cannot know. */
export function admissionPolicies(): Record<string, unknown>[] {
  return [
    ...policy(['CREATE'], `${decisions}.${apiGroup}`, decisions, [
      {
        expression: 'object.spec.reviewer.username == request.userInfo.username',
        message: 'spec.reviewer.username must be the user who creates the decision',
        messageExpression:
          "'spec.reviewer.username must be the user who creates the decision: ' + request.userInfo.username",
        reason: 'Forbidden',
      },
      {
        expression: ['!has(object.spec.apply) || !object.spec.apply ||', mayApply].join(' '),
        message: `spec.apply needs the verb "apply" on ${decisions}.${apiGroup} in this namespace`,
        reason: 'Forbidden',
      },
    ]),
    ...policy(['CREATE', 'UPDATE'], `${runs}.${apiGroup}`, runs, [
      {
        expression: `request.operation != 'CREATE' || !(${writes('object.spec')}) || ${mayApply}`,
        message: `a run that writes to a database needs the verb "apply" on ${decisions}.${apiGroup} in this namespace`,
        reason: 'Forbidden',
      },
      {
        expression: [
          `${requestedBy('object')} == ''`,
          `${requestedBy('object')} == (request.operation == 'CREATE' ? request.userInfo.username : ${requestedBy('oldObject')})`,
        ].join(' || '),
        message: `the annotation ${requestedByAnnotation} must name the user who creates the run, and stays as it is`,
        reason: 'Forbidden',
      },
    ]),
    ...policy(
      ['CREATE', 'UPDATE'],
      `${schedules}.${apiGroup}`,
      schedules,
      [
        {
          expression: "request.operation != 'CREATE' || !has(object.spec.at) || variables.at > variables.now",
          message: 'spec.at is in the past',
          reason: 'Invalid',
        },
        {
          expression:
            "(request.operation == 'UPDATE' && object.spec == oldObject.spec) || variables.created.getHours(variables.zone) >= 0",
          message: 'spec.timeZone is no IANA time zone',
          reason: 'Invalid',
        },
        {
          expression: [
            `!(${writes('object.spec.runTemplate.spec')})`,
            "(request.operation == 'UPDATE' && object.spec == oldObject.spec)",
            mayApply,
          ].join(' || '),
          message: `a schedule of runs that write to a database needs the verb "apply" on ${decisions}.${apiGroup} in this namespace`,
          reason: 'Forbidden',
        },
      ],
      [
        {
          name: 'zone',
          expression: `has(object.spec.timeZone) ? object.spec.timeZone : '${defaults.schedule.timeZone}'`,
        },
        { name: 'created', expression: 'timestamp(object.metadata.creationTimestamp)' },
        // Both as the number YYYYMMDDhhmm of the wall clock in the zone: CEL reads an instant in a zone, but not the other way.
        {
          name: 'now',
          expression: [
            'variables.created.getFullYear(variables.zone) * 100000000',
            '(variables.created.getMonth(variables.zone) + 1) * 1000000',
            'variables.created.getDate(variables.zone) * 10000',
            'variables.created.getHours(variables.zone) * 100',
            'variables.created.getMinutes(variables.zone)',
          ].join(' + '),
        },
        {
          name: 'at',
          expression:
            "has(object.spec.at) ? int(object.spec.at.substring(0, 16).replace('-', '').replace('T', '').replace(':', '')) : 0",
        },
      ],
    ),
  ]
}

/** CEL: whether a run of this spec may come to write. A dry run only compares. */
function writes(spec: string): string {
  const dry = `has(${spec}.apply) && has(${spec}.apply.dryRun) && ${spec}.apply.dryRun`
  const onAccept = `has(${spec}.apply) && has(${spec}.apply.policy) && ${spec}.apply.policy == 'OnAccept'`
  return `!(${dry}) && (${spec}.type in ['Apply', 'Rollback'] || (${onAccept}))`
}

/** CEL: whom the annotation of a run names; empty when it has none. */
function requestedBy(object: string): string {
  const annotations = `${object}.metadata.annotations`
  return `(has(${annotations}) && '${requestedByAnnotation}' in ${annotations} ? ${annotations}['${requestedByAnnotation}'] : '')`
}

function policy(
  operations: readonly ('CREATE' | 'UPDATE')[],
  name: string,
  resource: string,
  validations: readonly PolicyRule[],
  variables: readonly { readonly name: string; readonly expression: string }[] = [],
): Record<string, unknown>[] {
  const metadata = { name, labels: { 'app.kubernetes.io/part-of': 'amx' } }
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [{ apiGroups: [apiGroup], apiVersions: [apiVersionName], operations, resources: [resource] }],
        },
        ...(variables.length > 0 && { variables }),
        validations,
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ]
}
